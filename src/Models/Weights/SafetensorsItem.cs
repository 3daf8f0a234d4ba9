namespace Pipeline.Models.Weights;

/// <summary>One tensor that is to be written: described first, given when its turn comes, so that a file may be larger than memory.</summary>
/// <param name="Name">The key in the header.</param>
/// <param name="DType">The format's word for the element type.</param>
/// <param name="Shape">Sizes, outermost axis first.</param>
/// <param name="Length">Bytes of the tensor.</param>
/// <param name="Write">Writes exactly that many bytes, row-major and little-endian.</param>
internal sealed record SafetensorsItem(string Name, string DType, IReadOnlyList<long> Shape, long Length, Action<Stream> Write);
