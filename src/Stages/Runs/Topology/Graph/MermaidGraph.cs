using System.Text;

namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>A graph as a Mermaid flowchart, for Markdown that renders it.</summary>
public static class MermaidGraph
{
    // Words of the language (mermaid 11, flow.jison) that a node cannot be called by.
    private static readonly string[] Reserved =
    [
        "call",
        "class",
        "classdef",
        "click",
        "default",
        "direction",
        "end",
        "flowchart",
        "graph",
        "href",
        "interpolate",
        "linkstyle",
        "style",
        "subgraph",
    ];

    /// <summary>The flowchart, without a fence around it.</summary>
    public static string Write(TopologyGraph graph)
    {
        var ids = graph.Nodes.Select((node, index) => (node.Name, Id: Id(node.Name, index))).ToDictionary(StringComparer.Ordinal);
        var text = new StringBuilder("flowchart LR\n");
        foreach (var node in graph.Nodes)
        {
            text.Append($"  {ids[node.Name]}[\"{Label(node)}\"]\n");
        }

        foreach (var edge in graph.Edges)
        {
            var arrow = edge.Artifact is { } artifact ? $"-. {Text(artifact)} .->" : "-->";
            text.Append($"  {ids[edge.From]} {arrow} {ids[edge.To]}\n");
        }

        Style(text, "paused", "stroke-dasharray: 5 4", ids, graph.Nodes.Where(node => node.Activity is { IsPaused: true }));
        Style(
            text,
            "stopped",
            "stroke: #dc2626, stroke-width: 2px",
            ids,
            graph.Nodes.Where(node =>
                node.Activity is { IsPaused: false, State: { } state } && state.StartsWith("stopped", StringComparison.Ordinal)
            )
        );
        return text.ToString();
    }

    /// <summary>The stage's own name where the language takes it.</summary>
    private static string Id(string name, int index) =>
        name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && !Reserved.Contains(name, StringComparer.Ordinal)
            ? name
            : $"{index}_{name.Replace('-', '_')}";

    private static string Label(GraphNode node)
    {
        string[] figures = [GraphFigures.State(node.Activity), GraphFigures.Waiting(node.Activity), GraphFigures.Rate(node.Activity)];
        string[] lines =
        [
            node.Name,
            node.Kind.Length > 0 ? $"({node.Kind})" : "",
            string.Join(", ", figures.Where(figure => figure.Length > 0)),
        ];
        return string.Join("<br/>", lines.Where(line => line.Length > 0).Select(Text));
    }

    private static void Style(StringBuilder text, string name, string style, Dictionary<string, string> ids, IEnumerable<GraphNode> nodes)
    {
        var styled = nodes.Select(node => ids[node.Name]).ToList();
        if (styled.Count > 0)
        {
            text.Append($"  classDef {name} {style}\n  class {string.Join(',', styled)} {name}\n");
        }
    }

    /// <summary>Text within double quotes; the language's own entities stand for what would end them or be taken for HTML.</summary>
    private static string Text(string text) =>
        GraphFigures
            .Clean(text)
            .Replace("#", "#35;", StringComparison.Ordinal)
            .Replace("\"", "#quot;", StringComparison.Ordinal)
            .Replace("<", "#lt;", StringComparison.Ordinal)
            .Replace(">", "#gt;", StringComparison.Ordinal)
            .Replace("&", "#amp;", StringComparison.Ordinal);
}
