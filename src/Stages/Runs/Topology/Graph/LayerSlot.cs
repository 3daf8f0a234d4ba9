namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>A place in a layer: a stage's, or one that an arrow passes through.</summary>
/// <param name="node">The stage; null where only an arrow passes.</param>
/// <param name="width">Pixels; 0 where only an arrow passes.</param>
/// <param name="height">Pixels.</param>
internal sealed class LayerSlot(GraphNode? node, double width, double height)
{
    public GraphNode? Node => node;

    public double Width => width;

    public double Height => height;

    /// <summary>Neighbours in the layer to the left, one for each arrow.</summary>
    public List<LayerSlot> Left { get; } = [];

    /// <summary>Neighbours in the layer to the right, one for each arrow.</summary>
    public List<LayerSlot> Right { get; } = [];

    /// <summary>Pixels from the left edge of the picture to the layer's left edge.</summary>
    public double X { get; set; }

    /// <summary>Pixels from the top of the picture to the middle of the place.</summary>
    public double Y { get; set; }
}

/// <summary>An arrow's way through the layers, from left to right.</summary>
/// <param name="Edge">The arrow.</param>
/// <param name="IsBackward">Whether its head is at the left end.</param>
/// <param name="Slots">The places that it touches, one in each layer; stages at both ends.</param>
internal sealed record LayerChain(GraphEdge Edge, bool IsBackward, IReadOnlyList<LayerSlot> Slots);
