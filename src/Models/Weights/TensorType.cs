using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>The element types of a safetensors file: its word for each, torch's type and the bytes of one element.</summary>
internal static class TensorType
{
    private static readonly (string Word, ScalarType Type, int Bytes)[] Known =
    [
        ("F64", ScalarType.Float64, 8),
        ("F32", ScalarType.Float32, 4),
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8),
        ("I32", ScalarType.Int32, 4),
        ("I16", ScalarType.Int16, 2),
        ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1),
        ("BOOL", ScalarType.Bool, 1),
    ];

    /// <summary>Every word that is known, for error messages.</summary>
    public static string Words => string.Join(", ", Known.Select(known => known.Word));

    /// <summary>The type of <paramref name="word"/>, or null if the word is unknown.</summary>
    public static (ScalarType Type, int Bytes)? Of(string word)
    {
        foreach (var known in Known)
        {
            if (known.Word == word)
            {
                return (known.Type, known.Bytes);
            }
        }

        return null;
    }

    /// <summary>The word of <paramref name="type"/>.</summary>
    /// <exception cref="InvalidDataException">A safetensors file has no word for the type.</exception>
    public static string WordOf(string name, ScalarType type)
    {
        foreach (var known in Known)
        {
            if (known.Type == type)
            {
                return known.Word;
            }
        }

        throw new InvalidDataException(
            $"Tensor {name} has the element type {type}; it must be one of {Words}. Convert it before it is written."
        );
    }
}
