namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>Finds how far down each place of a layer is, so that the line of most stages runs straight and boxes keep apart.</summary>
/// <remarks>
/// As Brandes and Köpf 2002, places that an arrow joins are put into one row, never two of a layer and never across another row. Rows then move
/// to the mean of what they are joined to, as far as their neighbours let them.
/// </remarks>
internal sealed class GraphRows
{
    private const double Gap = 22;
    private const int Rounds = 200;

    private readonly Dictionary<LayerSlot, LayerSlot> rightward = [];
    private readonly Dictionary<LayerSlot, LayerSlot> leftward = [];

    private GraphRows() { }

    /// <summary>Places every slot; the order in the layers stays.</summary>
    public static GraphRows Place(GraphLayers layers)
    {
        var rows = new GraphRows();
        rows.Align(layers);
        rows.Settle(layers.Layers);
        return rows;
    }

    /// <summary>The neighbour to the right in the same row, if there is one.</summary>
    public LayerSlot? RightOf(LayerSlot slot) => rightward.GetValueOrDefault(slot);

    /// <summary>The neighbour to the left in the same row, if there is one.</summary>
    public LayerSlot? LeftOf(LayerSlot slot) => leftward.GetValueOrDefault(slot);

    /// <summary>Joins places into rows: arrows of long lines first.</summary>
    private void Align(GraphLayers layers)
    {
        var at = layers.Layers.SelectMany(layer => layer.Select((slot, index) => (slot, index))).ToDictionary();
        var lines = layers.Chains.OrderBy(chain => chain.Edge.Artifact is not null).ThenByDescending(chain => Line(chain, layers.Chains));
        var joined = new List<(LayerSlot Left, LayerSlot Right)>();
        foreach (var chain in lines)
        {
            foreach (var (left, right) in chain.Slots.Zip(chain.Slots.Skip(1)))
            {
                var isFree = !rightward.ContainsKey(left) && !leftward.ContainsKey(right);
                if (isFree && !joined.Exists(other => IsAcross((left, right), other, at)))
                {
                    joined.Add((left, right));
                    (rightward[left], leftward[right]) = (right, left);
                }
            }
        }

        bool IsAcross((LayerSlot Left, LayerSlot Right) one, (LayerSlot Left, LayerSlot Right) other, Dictionary<LayerSlot, int> order) =>
            layers.Layers.Exists(layer => layer.Contains(one.Left) && layer.Contains(other.Left))
            && order[one.Left] < order[other.Left] != order[one.Right] < order[other.Right];
    }

    /// <summary>Arrows of the longest line from a source to an end that this one is part of.</summary>
    private static int Line(LayerChain chain, IReadOnlyList<LayerChain> chains)
    {
        int Up(LayerSlot slot) => Flows(chain => chain.Slots[^1] == slot).Select(chain => Up(chain.Slots[0]) + 1).DefaultIfEmpty(0).Max();
        int Down(LayerSlot slot) =>
            Flows(chain => chain.Slots[0] == slot).Select(chain => Down(chain.Slots[^1]) + 1).DefaultIfEmpty(0).Max();
        IEnumerable<LayerChain> Flows(Func<LayerChain, bool> which) => chains.Where(other => other.Edge.Artifact is null && which(other));
        return Up(chain.Slots[0]) + 1 + Down(chain.Slots[^1]);
    }

    private void Settle(List<List<LayerSlot>> layers)
    {
        var rows = Rows(layers);
        var rowOf = rows.SelectMany(row => row.Slots.Select(slot => (slot, row))).ToDictionary();
        var apart = layers
            .SelectMany(layer => layer.Zip(layer.Skip(1)))
            .Select(pair => (Upper: rowOf[pair.First], Lower: rowOf[pair.Second], By: ((pair.First.Height + pair.Second.Height) / 2) + Gap))
            .ToList();
        for (var hasMoved = true; hasMoved; )
        {
            hasMoved = false;
            foreach (var (upper, lower, by) in apart.Where(pair => pair.Lower.Y < pair.Upper.Y + pair.By))
            {
                lower.Y = upper.Y + by;
                hasMoved = true;
            }
        }

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var row in round % 2 == 0 ? rows : Enumerable.Reverse(rows))
            {
                var least = apart
                    .Where(pair => pair.Lower == row)
                    .Select(pair => pair.Upper.Y + pair.By)
                    .DefaultIfEmpty(double.MinValue)
                    .Max();
                var most = apart
                    .Where(pair => pair.Upper == row)
                    .Select(pair => pair.Lower.Y - pair.By)
                    .DefaultIfEmpty(double.MaxValue)
                    .Min();
                var wanted = row
                    .Slots.SelectMany(slot => slot.Left.Concat(slot.Right))
                    .Select(slot => rowOf[slot])
                    .Where(other => other != row)
                    .Select(other => other.Y)
                    .DefaultIfEmpty(row.Y)
                    .Average();
                // The bounds may cross by a rounding error.
                row.Y = Math.Max(least, Math.Min(most, wanted));
            }
        }

        foreach (var row in rows)
        {
            row.Slots.ForEach(slot => slot.Y = row.Y);
        }
    }

    private List<Row> Rows(List<List<LayerSlot>> layers)
    {
        var rows = new List<Row>();
        foreach (var first in layers.SelectMany(layer => layer).Where(slot => !leftward.ContainsKey(slot)))
        {
            var row = new Row();
            for (LayerSlot? slot = first; slot is not null; slot = RightOf(slot))
            {
                row.Slots.Add(slot);
            }

            rows.Add(row);
        }

        return rows;
    }

    private sealed class Row
    {
        public List<LayerSlot> Slots { get; } = [];

        public double Y { get; set; }
    }
}
