using System.Text;

namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>A graph for a terminal: a tree of stages with a line each, columns padded with blanks.</summary>
/// <remarks>A stage that follows several stands under the one that is farthest from the source, and names the others.</remarks>
public static class TextGraph
{
    private static readonly string[] Headings = ["stage", "state", "waiting", "rate", ""];

    /// <summary>The graph as lines, each with a line end and no blanks before it.</summary>
    public static string Write(TopologyGraph graph)
    {
        List<string[]> rows = [Headings];
        var depths = Depths(graph);
        var parents = graph.Nodes.ToDictionary(
            node => node.Name,
            node => graph.Before(node.Name).MaxBy(before => depths[before]),
            StringComparer.Ordinal
        );
        foreach (var root in graph.Nodes.Where(node => parents[node.Name] is null))
        {
            Put(graph, root, "", "", parents, rows);
        }

        var columns = Enumerable
            .Range(0, Headings.Length)
            .Where(column => column == 0 || rows.Skip(1).Any(row => row[column].Length > 0))
            .ToList();
        var widths = columns.Select(column => rows.Max(row => row[column].Length)).ToList();
        var text = new StringBuilder().Append(GraphFigures.Clean(graph.Title)).Append("\n\n");
        foreach (var row in rows)
        {
            var cells = columns.Select((column, index) => row[column].PadRight(widths[index]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private static void Put(
        TopologyGraph graph,
        GraphNode node,
        string lead,
        string below,
        IReadOnlyDictionary<string, string?> parents,
        List<string[]> rows
    )
    {
        rows.Add([
            lead + node.Name,
            GraphFigures.State(node.Activity),
            GraphFigures.Depth(node.Activity),
            GraphFigures.Rate(node.Activity),
            string.Join(", ", Notes(graph, node, parents[node.Name])),
        ]);
        var children = graph.Nodes.Where(child => parents[child.Name] == node.Name).ToList();
        foreach (var child in children)
        {
            var isLast = child == children[^1];
            Put(graph, child, below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "), parents, rows);
        }
    }

    private static IEnumerable<string> Notes(TopologyGraph graph, GraphNode node, string? parent)
    {
        if (node.Kind.Length > 0)
        {
            yield return $"kind {node.Kind}";
        }

        var others = graph.Before(node.Name).Where(before => before != parent).ToList();
        if (others.Count > 0)
        {
            yield return $"also after {string.Join(" and ", others)}";
        }

        foreach (var gate in graph.Edges.Where(edge => edge.Artifact is not null && edge.To == node.Name))
        {
            yield return $"needs {gate.Artifact} of {gate.From}";
        }
    }

    /// <summary>Stages on the longest way from a source.</summary>
    private static Dictionary<string, int> Depths(TopologyGraph graph)
    {
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        int Depth(string node) =>
            depths.TryGetValue(node, out var known)
                ? known
                : depths[node] = graph.Before(node).Select(before => Depth(before) + 1).DefaultIfEmpty(0).Max();
        foreach (var node in graph.Nodes)
        {
            Depth(node.Name);
        }

        return depths;
    }
}
