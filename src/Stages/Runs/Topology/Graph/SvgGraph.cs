using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>A graph as an SVG picture that follows the reader's light or dark scheme and needs no other file.</summary>
public static class SvgGraph
{
    private const double Margin = 28;
    private const double TitleHeight = 40;
    private const double PlainHeight = 40;
    private const double BusyHeight = 64;
    private const double LeastWidth = 92;
    private const double Inset = 16;
    private const int StateLetters = 26;

    // Mean widths of letters in sans-serif fonts, as shares of the font's size; a little generous, because nobody knows the reader's font.
    private const double BoldLetter = 0.62;
    private const double PlainLetter = 0.56;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private const string Css = """
        text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", "DejaVu Sans", sans-serif; font-size: 12px; fill: #5b6779; }
        .canvas { fill: #ffffff; }
        .title { font-size: 15px; font-weight: 600; fill: #0f172a; }
        .box { fill: #f8fafc; stroke: #cbd5e1; stroke-width: 1; }
        .name { font-size: 14px; font-weight: 600; fill: #0f172a; }
        .kind { font-size: 12px; font-weight: 400; fill: #5b6779; }
        .figure { fill: #334155; }
        .flow { fill: none; stroke: #94a3b8; stroke-width: 1.6; }
        .gate { fill: none; stroke: #8b5cf6; stroke-width: 1.6; stroke-dasharray: 2 4; stroke-linecap: round; }
        .flow-head { fill: #94a3b8; }
        .gate-head { fill: #8b5cf6; }
        .gate-name { font-size: 11.5px; font-style: italic; fill: #6d28d9; stroke: #ffffff; stroke-width: 5px; stroke-linejoin: round; paint-order: stroke; }
        .paused .box { stroke-dasharray: 5 4; }
        .idle .mark { fill: #cbd5e1; }
        .running .mark { fill: #16a34a; }
        .done .mark { fill: #2563eb; }
        .waiting .mark { fill: #d97706; }
        .paused .mark { fill: #64748b; }
        .stopped .mark { fill: #dc2626; }
        @media (prefers-color-scheme: dark) {
          text, .kind { fill: #94a3b8; }
          .canvas { fill: #0d1420; }
          .title, .name { fill: #f1f5f9; }
          .box { fill: #182234; stroke: #35435a; }
          .figure { fill: #cbd5e1; }
          .flow { stroke: #64748b; }
          .flow-head { fill: #64748b; }
          .gate { stroke: #a78bfa; }
          .gate-head { fill: #a78bfa; }
          .gate-name { fill: #c4b5fd; stroke: #0d1420; }
          .idle .mark { fill: #4b5a73; }
          .running .mark { fill: #4ade80; }
          .done .mark { fill: #60a5fa; }
          .waiting .mark { fill: #fbbf24; }
          .paused .mark { fill: #94a3b8; }
          .stopped .mark { fill: #f87171; }
        }
        """;

    /// <summary>The picture, an XML document of one element.</summary>
    public static string Write(TopologyGraph graph)
    {
        var isBusy = graph.Nodes.Any(node => node.Activity is not null);
        var title = GraphFigures.Clean(graph.Title);
        var layout = GraphLayout.Of(graph, node => Size(node, isBusy), word => WidthOf(word, 11.5, PlainLetter));
        var width = Math.Max(layout.Width, WidthOf(title, 15, BoldLetter)) + (2 * Margin);
        var height = layout.Height + TitleHeight + (2 * Margin);
        var picture = Element(
            "svg",
            ("viewBox", $"0 0 {Number(width)} {Number(height)}"),
            ("width", Number(width)),
            ("height", Number(height)),
            ("role", "img")
        );
        picture.Add(
            new XElement(Svg + "title", title),
            new XElement(Svg + "style", "\n" + Css + "\n"),
            new XElement(Svg + "defs", Head("flow-head"), Head("gate-head")),
            Element("rect", ("class", "canvas"), ("width", Number(width)), ("height", Number(height)), ("rx", "14")),
            Text("title", Margin, Margin + 12, title)
        );
        var drawing = Element("g", ("transform", $"translate({Number(Margin)} {Number(Margin + TitleHeight)})"));
        drawing.Add(layout.Edges.Select(Line));
        drawing.Add(layout.Boxes.Select(Box));
        drawing.Add(layout.Edges.Where(edge => edge.Edge.Artifact is not null).Select(Word));
        picture.Add(drawing);
        return picture + "\n";
    }

    private static (double Width, double Height) Size(GraphNode node, bool isBusy)
    {
        var first = WidthOf(node.Name, 14, BoldLetter) + (node.Kind.Length > 0 ? WidthOf(node.Kind, 12, PlainLetter) + 8 : 0);
        var second = WidthOf(ShownState(node), 12, PlainLetter) + 12;
        var third = WidthOf(Figures(node), 12, PlainLetter);
        return (Math.Max(LeastWidth, Math.Max(first, Math.Max(second, third)) + (2 * Inset)), isBusy ? BusyHeight : PlainHeight);
    }

    private static XElement Box(PlacedBox box)
    {
        var group = Element("g", ("class", Look(box.Node.Activity)), ("transform", $"translate({Number(box.Left)} {Number(box.Top)})"));
        var whole = GraphFigures.State(box.Node.Activity);
        group.Add(
            new XElement(Svg + "title", whole.Length > 0 ? $"{box.Node.Name}: {whole}" : box.Node.Name),
            Element("rect", ("class", "box"), ("width", Number(box.Width)), ("height", Number(box.Height)), ("rx", "9"))
        );
        var isKnown = box.Node.Activity is not null;
        var name = Text("name", Inset, isKnown ? 22 : (box.Height / 2) + 5, box.Node.Name);
        if (box.Node.Kind.Length > 0)
        {
            name.Add(new XElement(Svg + "tspan", new XAttribute("class", "kind"), new XAttribute("dx", "8"), box.Node.Kind));
        }

        group.Add(name);
        if (isKnown)
        {
            group.Add(
                Element("circle", ("class", "mark"), ("cx", Number(Inset + 4)), ("cy", "35"), ("r", "4")),
                Text("state", Inset + 13, 39, ShownState(box.Node)),
                Text("figure", Inset, 55, Figures(box.Node))
            );
        }

        return group;
    }

    private static XElement Line(PlacedEdge edge)
    {
        var look = edge.Edge.Artifact is null ? "flow" : "gate";
        var path = new StringBuilder($"M {Number(edge.Points[0].X)} {Number(edge.Points[0].Y)}");
        for (var at = 1; at < edge.Points.Count; at++)
        {
            var (from, to) = (edge.Points[at - 1], edge.Points[at]);
            var middle = Number((from.X + to.X) / 2);
            path.Append(
                at % 2 == 0
                    ? $" L {Number(to.X)} {Number(to.Y)}"
                    : $" C {middle} {Number(from.Y)} {middle} {Number(to.Y)} {Number(to.X)} {Number(to.Y)}"
            );
        }

        return Element("path", ("class", look), ("d", path.ToString()), ("marker-end", $"url(#{look}-head)"));
    }

    /// <summary>The artifact's word, in the middle of the first curve.</summary>
    private static XElement Word(PlacedEdge edge)
    {
        var (from, to) = (edge.Points[0], edge.Points[1]);
        var word = Text("gate-name", (from.X + to.X) / 2, ((from.Y + to.Y) / 2) + 4, edge.Edge.Artifact ?? "");
        word.Add(new XAttribute("text-anchor", "middle"));
        return word;
    }

    private static XElement Head(string id)
    {
        var head = Element(
            "marker",
            ("id", id),
            ("viewBox", "0 0 10 10"),
            ("refX", "9"),
            ("refY", "5"),
            ("markerWidth", "9"),
            ("markerHeight", "9"),
            ("markerUnits", "userSpaceOnUse"),
            ("orient", "auto")
        );
        head.Add(Element("path", ("class", id), ("d", "M 0.5 1 L 9.5 5 L 0.5 9 L 2.5 5 Z")));
        return head;
    }

    private static string Look(StageActivity? activity)
    {
        string[] looks = ["running", "done", "waiting", "paused", "stopped"];
        return Array.Find(looks, look => activity?.ShownState.StartsWith(look, StringComparison.Ordinal) == true) ?? "idle";
    }

    private static string ShownState(GraphNode node) => GraphFigures.Cut(GraphFigures.State(node.Activity), StateLetters);

    private static string Figures(GraphNode node)
    {
        string[] figures = [GraphFigures.Waiting(node.Activity), GraphFigures.Rate(node.Activity)];
        return string.Join(" · ", figures.Where(figure => figure.Length > 0));
    }

    private static double WidthOf(string text, double size, double letter) => text.Length * size * letter;

    private static XElement Text(string look, double left, double baseline, string text) =>
        new(Svg + "text", new XAttribute("class", look), new XAttribute("x", Number(left)), new XAttribute("y", Number(baseline)), text);

    private static XElement Element(string name, params (string Name, string Value)[] attributes) =>
        new(Svg + name, attributes.Select(attribute => new XAttribute(attribute.Name, attribute.Value)));

    private static string Number(double pixels) => pixels.ToString("0.##", CultureInfo.InvariantCulture);
}
