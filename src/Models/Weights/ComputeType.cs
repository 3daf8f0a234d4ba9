using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>The element type in which a model computes, whatever type its file stores.</summary>
/// <remarks>
/// Floating-point tensors are converted one by one as they are read; whole numbers and truth values stay as stored. Normalisation statistics and
/// softmax are float32 in either type: libtorch's kernels for bfloat16 sum in float32.
/// </remarks>
public sealed class ComputeType
{
    /// <summary>The default.</summary>
    public static readonly ComputeType Float32 = new("float32", ScalarType.Float32);

    /// <summary>Half the memory, 8 bits of precision; on request.</summary>
    public static readonly ComputeType BFloat16 = new("bfloat16", ScalarType.BFloat16);

    private ComputeType(string word, ScalarType scalar)
    {
        Word = word;
        Scalar = scalar;
    }

    /// <summary>The word of settings and fingerprints: <c>float32</c> or <c>bfloat16</c>.</summary>
    public string Word { get; }

    /// <summary>libtorch's type.</summary>
    public ScalarType Scalar { get; }

    /// <summary>Reads a setting: <c>float32</c> (or <c>fp32</c>), <c>bfloat16</c> (or <c>bf16</c>).</summary>
    /// <param name="word">What the setting says.</param>
    /// <param name="setting">The setting's name, for the message.</param>
    /// <exception cref="ArgumentException">Another word; float16 is refused with the reason.</exception>
    public static ComputeType Parse(string word, string setting = "dtype") =>
        word switch
        {
            "float32" or "fp32" => Float32,
            "bfloat16" or "bf16" => BFloat16,
            "float16" or "fp16" or "half" => throw new ArgumentException(
                $"{setting} is {word}; it must be float32 or bfloat16: a CPU computes float16 about 400 times slower than float32. "
                    + "A float16 file needs no setting, its tensors are converted as they are read; set bfloat16 to save memory."
            ),
            _ => throw new ArgumentException($"{setting} is {word}; it must be float32 or bfloat16. Correct the setting."),
        };

    /// <inheritdoc/>
    public override string ToString() => Word;

    /// <summary>The type in which a tensor stored as <paramref name="stored"/> is computed with.</summary>
    internal ScalarType For(ScalarType stored) => is_floating_point(stored) ? Scalar : stored;
}
