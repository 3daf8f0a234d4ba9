namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>Puts the stages of a graph into layers from left to right, in an order that lets few arrows cross.</summary>
/// <remarks>
/// The method of Sugiyama, Tagawa and Toda 1981: layers by the longest way from a source, places for arrows that pass a layer, then sweeps that
/// order each layer by the mean position of its neighbours. An arrow of a gate that would close a circle runs from right to left.
/// </remarks>
internal sealed class GraphLayers
{
    private const int Sweeps = 12;
    private const double PassingHeight = 10;

    private GraphLayers(List<List<LayerSlot>> layers, IReadOnlyList<LayerChain> chains)
    {
        Layers = layers;
        Chains = chains;
    }

    /// <summary>The layers from left to right, the places of each from top to bottom.</summary>
    public List<List<LayerSlot>> Layers { get; private set; }

    /// <summary>Every arrow's way.</summary>
    public IReadOnlyList<LayerChain> Chains { get; }

    /// <summary>Lays out a graph.</summary>
    /// <param name="graph">The graph; its arrows without an artifact make no circle.</param>
    /// <param name="size">Width and height of a stage's box, pixels.</param>
    public static GraphLayers Of(TopologyGraph graph, Func<GraphNode, (double Width, double Height)> size)
    {
        var directed = Directed(graph);
        var ranks = Ranks(graph, directed);
        var layers = Enumerable.Range(0, ranks.Values.DefaultIfEmpty(-1).Max() + 1).Select(_ => new List<LayerSlot>()).ToList();
        var slots = new Dictionary<string, LayerSlot>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            var (width, height) = size(node);
            slots[node.Name] = new LayerSlot(node, width, height);
            layers[ranks[node.Name]].Add(slots[node.Name]);
        }

        var chains = directed.Select(arrow => Chain(arrow.Edge, arrow.IsBackward, ranks, slots, layers)).ToList();
        var result = new GraphLayers(layers, chains);
        result.Order();
        return result;
    }

    /// <summary>The arrows, each said to run backward where it would close a circle with those before it.</summary>
    private static List<(GraphEdge Edge, bool IsBackward)> Directed(TopologyGraph graph)
    {
        var directed = new List<(GraphEdge Edge, bool IsBackward)>();
        bool Reaches(string from, string to)
        {
            var (seen, open) = (new HashSet<string>([from], StringComparer.Ordinal), new Stack<string>([from]));
            while (open.TryPop(out var node))
            {
                foreach (var next in directed.Where(arrow => Tail(arrow) == node).Select(Head).Where(seen.Add))
                {
                    open.Push(next);
                }
            }

            return seen.Contains(to);
        }

        foreach (var edge in graph.Edges.OrderBy(edge => edge.Artifact is not null))
        {
            directed.Add((edge, edge.Artifact is not null && Reaches(edge.To, edge.From)));
        }

        return directed;
    }

    private static Dictionary<string, int> Ranks(TopologyGraph graph, List<(GraphEdge Edge, bool IsBackward)> directed)
    {
        var ranks = graph.Nodes.ToDictionary(node => node.Name, _ => 0, StringComparer.Ordinal);
        for (var hasMoved = true; hasMoved; )
        {
            hasMoved = false;
            foreach (var arrow in directed.Where(arrow => ranks[Head(arrow)] <= ranks[Tail(arrow)]))
            {
                ranks[Head(arrow)] = ranks[Tail(arrow)] + 1;
                hasMoved = true;
            }
        }

        return ranks;
    }

    private static LayerChain Chain(
        GraphEdge edge,
        bool isBackward,
        Dictionary<string, int> ranks,
        Dictionary<string, LayerSlot> slots,
        List<List<LayerSlot>> layers
    )
    {
        var (tail, head) = (Tail((edge, isBackward)), Head((edge, isBackward)));
        List<LayerSlot> way = [slots[tail]];
        for (var layer = ranks[tail] + 1; layer < ranks[head]; layer++)
        {
            var passing = new LayerSlot(null, 0, PassingHeight);
            layers[layer].Add(passing);
            way.Add(passing);
        }

        way.Add(slots[head]);
        foreach (var (left, right) in way.Zip(way.Skip(1)))
        {
            left.Right.Add(right);
            right.Left.Add(left);
        }

        return new LayerChain(edge, isBackward, way);
    }

    /// <summary>Sweeps to the right and to the left, and keeps the order with the fewest crossings.</summary>
    private void Order()
    {
        var best = Layers.Select(layer => layer.ToList()).ToList();
        var fewest = Crossings();
        for (var sweep = 0; sweep < Sweeps && fewest > 0; sweep++)
        {
            var isRightward = sweep % 2 == 0;
            foreach (var layer in isRightward ? Layers : Enumerable.Reverse(Layers))
            {
                var positions = Layers.SelectMany(other => other.Select((slot, at) => (slot, at))).ToDictionary();
                var sorted = layer.OrderBy(slot => Mean(slot, isRightward, positions)).ToList();
                layer.Clear();
                layer.AddRange(sorted);
            }

            if (Crossings() is var crossings && crossings < fewest)
            {
                (fewest, best) = (crossings, Layers.Select(layer => layer.ToList()).ToList());
            }
        }

        Layers = best;
    }

    private static double Mean(LayerSlot slot, bool isRightward, Dictionary<LayerSlot, int> positions)
    {
        var neighbours = isRightward ? slot.Left : slot.Right;
        return neighbours.Count == 0 ? positions[slot] : neighbours.Average(neighbour => positions[neighbour]);
    }

    private int Crossings()
    {
        var crossings = 0;
        foreach (var (left, right) in Layers.Zip(Layers.Skip(1)))
        {
            var arrows = left.SelectMany((slot, from) => slot.Right.Select(head => (From: from, To: right.IndexOf(head)))).ToList();
            crossings += arrows.Sum(one => arrows.Count(other => one.From < other.From && one.To > other.To));
        }

        return crossings;
    }

    private static string Tail((GraphEdge Edge, bool IsBackward) arrow) => arrow.IsBackward ? arrow.Edge.To : arrow.Edge.From;

    private static string Head((GraphEdge Edge, bool IsBackward) arrow) => arrow.IsBackward ? arrow.Edge.From : arrow.Edge.To;
}
