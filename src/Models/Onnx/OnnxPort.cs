using System.Globalization;

namespace Pipeline.Models.Onnx;

/// <summary>An input or an output of a graph, as the graph declares it.</summary>
/// <param name="Name">Unique among the inputs, or the outputs.</param>
/// <param name="Element">What the graph computes with there.</param>
/// <param name="Shape">Sizes in order; -1 where each call decides.</param>
/// <param name="Symbols">The graph's word for each size, such as <c>batch_size</c>; empty where it has none.</param>
public sealed record OnnxPort(string Name, OnnxElement Element, IReadOnlyList<long> Shape, IReadOnlyList<string> Symbols)
{
    /// <summary>Name, type and shape for people: <c>pixel_values float32 [batch_size, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"{Name} {Word} [{string.Join(", ", Shape.Select(Size))}]";

    internal bool Takes(IReadOnlyList<long> shape) =>
        shape.Count == Shape.Count && shape.Zip(Shape).All(size => size.Second == -1 || size.First == size.Second);

    private string Word => Element == OnnxElement.Other ? "(of a type that is not used here)" : Element.ToString().ToLowerInvariant();

    private string Size(long size, int axis) =>
        size >= 0 ? size.ToString(CultureInfo.InvariantCulture)
        : Symbols[axis].Length > 0 ? Symbols[axis]
        : "?";
}
