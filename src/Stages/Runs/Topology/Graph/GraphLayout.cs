namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>Where a stage's box stands, pixels.</summary>
internal sealed record PlacedBox(GraphNode Node, double Left, double Top, double Width, double Height);

/// <summary>An arrow's line: its points from tail to head, between which it is alternately a curve and straight, beginning and ending with a curve.</summary>
/// <param name="Edge">The arrow.</param>
/// <param name="Points">An even number of points, pixels; the line is horizontal at each.</param>
internal sealed record PlacedEdge(GraphEdge Edge, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Boxes and lines of a graph in a picture whose upper left corner is 0, 0.</summary>
internal sealed class GraphLayout
{
    private const double LayerGap = 56;
    private const double LabelRoom = 34; // on both sides of a gate's word, for its curve and its head
    private const double PortStep = 12;

    private GraphLayout(IReadOnlyList<PlacedBox> boxes, IReadOnlyList<PlacedEdge> edges, double width, double height)
    {
        Boxes = boxes;
        Edges = edges;
        Width = width;
        Height = height;
    }

    /// <summary>Every stage.</summary>
    public IReadOnlyList<PlacedBox> Boxes { get; }

    /// <summary>Every arrow.</summary>
    public IReadOnlyList<PlacedEdge> Edges { get; }

    /// <summary>Pixels from the left edge to the right end of the last box.</summary>
    public double Width { get; }

    /// <summary>Pixels from the top to the lower end of the lowest box.</summary>
    public double Height { get; }

    /// <summary>Lays out a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="size">Width and height of a stage's box, pixels.</param>
    /// <param name="label">Width of a gate's word, pixels.</param>
    public static GraphLayout Of(TopologyGraph graph, Func<GraphNode, (double Width, double Height)> size, Func<string, double> label)
    {
        var layers = GraphLayers.Of(graph, size);
        var widths = layers.Layers.Select(layer => layer.Max(slot => slot.Width)).ToList();
        var width = PlaceColumns(layers, widths, label);
        var rows = GraphRows.Place(layers);
        var all = layers.Layers.SelectMany(layer => layer).ToList();
        var top = all.Select(slot => slot.Y - (slot.Height / 2)).DefaultIfEmpty(0).Min();
        foreach (var slot in all)
        {
            slot.Y -= top;
        }

        var columns = layers.Layers.SelectMany((layer, at) => layer.Select(slot => (slot, widths[at]))).ToDictionary();
        return new GraphLayout(
            [
                .. all.SelectMany(slot =>
                    slot.Node is { } node
                        ? [new PlacedBox(node, slot.X, slot.Y - (slot.Height / 2), columns[slot], slot.Height)]
                        : Array.Empty<PlacedBox>()
                ),
            ],
            [.. layers.Chains.Select(chain => new PlacedEdge(chain.Edge, Points(chain, columns, rows)))],
            width,
            all.Select(slot => slot.Y + (slot.Height / 2)).DefaultIfEmpty(0).Max()
        );
    }

    /// <summary>Columns beside each other; a gap in which a gate's word stands has room for it.</summary>
    private static double PlaceColumns(GraphLayers layers, List<double> widths, Func<string, double> label)
    {
        var left = 0.0;
        for (var at = 0; at < widths.Count; at++)
        {
            foreach (var slot in layers.Layers[at])
            {
                slot.X = left;
            }

            var words = layers
                .Chains.Where(chain => chain.Edge.Artifact is not null)
                .Where(chain => layers.Layers[at].Contains(chain.IsBackward ? chain.Slots[^2] : chain.Slots[0]))
                .Select(chain => label(chain.Edge.Artifact ?? "") + LabelRoom);
            left += widths[at] + (at + 1 < widths.Count ? words.Append(LayerGap).Max() : 0);
        }

        return left;
    }

    private static List<(double X, double Y)> Points(LayerChain chain, Dictionary<LayerSlot, double> columns, GraphRows rows)
    {
        var slots = chain.Slots;
        List<(double, double)> points =
        [
            (slots[0].X + columns[slots[0]], Port(slots[0], slots[0].Right, slots[1], rows.RightOf(slots[0]))),
        ];
        foreach (var slot in slots.Skip(1).SkipLast(1))
        {
            points.Add((slot.X, slot.Y));
            points.Add((slot.X + columns[slot], slot.Y));
        }

        points.Add((slots[^1].X, Port(slots[^1], slots[^1].Left, slots[^2], rows.LeftOf(slots[^1]))));
        if (chain.IsBackward)
        {
            points.Reverse();
        }

        return points;
    }

    /// <summary>Where on a box's side an arrow touches it: the arrows stand in the order of their other ends, one that runs straight in the middle.</summary>
    private static double Port(LayerSlot box, List<LayerSlot> neighbours, LayerSlot neighbour, LayerSlot? straight)
    {
        var order = neighbours.OrderBy(other => other.Y).ToList();
        var middle = straight is null ? (order.Count - 1) / 2.0 : order.IndexOf(straight);
        var farthest = Math.Max(middle, order.Count - 1 - middle);
        var step = Math.Min(PortStep, box.Height / 2 / (farthest + 1));
        return box.Y + ((order.IndexOf(neighbour) - middle) * step);
    }
}
