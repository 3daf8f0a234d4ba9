namespace Pipeline.Models.Weights;

/// <summary>One tensor of a safetensors file, as its header describes it.</summary>
/// <param name="Name">The key in the header; unique in the file.</param>
/// <param name="DType">The format's word for the element type: <c>F32</c>, <c>BF16</c>, <c>I64</c>, ….</param>
/// <param name="Shape">Sizes, outermost axis first; empty for a scalar. Row-major storage.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last, counted likewise.</param>
public sealed record SafetensorsEntry(string Name, string DType, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Bytes of the stored tensor.</summary>
    public long Length => End - Begin;

    /// <summary>The shape as error messages write it, for example <c>[64, 3, 7, 7]</c>.</summary>
    internal static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
