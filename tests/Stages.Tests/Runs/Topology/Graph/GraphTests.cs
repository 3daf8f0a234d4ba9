using System.Xml.Linq;
using CsCheck;
using Pipeline.Stages.Export;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology.Graph;

namespace Pipeline.Stages.Tests.Runs.Topology.Graph;

public sealed class GraphTests
{
    private static readonly StageCatalog Catalog = StageCatalog.Of(typeof(ExportKind).Assembly);

    private static readonly PipelineDefinition Starter = PipelineFile.Read(Presets.Find("starter").Text, "starter", Catalog, []);

    private static readonly StageActivity[] Busy =
    [
        new("ingest") { State = "done", ItemsPerSecond = 0 },
        new("caption")
        {
            State = "running",
            Waiting = 12,
            ItemsPerSecond = 41.25,
        },
        new("edit") { State = "waiting for domains", Waiting = 1234 },
        new("filter")
        {
            IsPaused = true,
            State = "running",
            Waiting = 3,
        },
        new("train") { State = "stopped: 5 batches in a row failed, the last with <\"IOException\">", ItemsPerSecond = 2500 },
    ];

    [Fact]
    public void Text_is_a_tree_with_figures()
    {
        var text = TextGraph.Write(TopologyGraph.Of("starter, version 2", Starter, Busy));

        text.Should()
            .Be(
                """
                starter, version 2

                stage                     state                                                              waiting  rate
                ingest                    done
                └─ caption                running                                                            12       41.3/s
                   ├─ describe
                   └─ edit                waiting for domains                                                1,234             needs domains of describe
                      └─ filter           paused                                                             3                 needs base-classifier of train
                         └─ select
                            ├─ export
                            │  └─ report                                                                                       also after train
                            └─ train      stopped: 5 batches in a row failed, the last with <"IOException">           2,500/s  also after ingest

                """.ReplaceLineEndings("\n")
            );
    }

    [Fact]
    public void Text_without_figures_has_no_columns_for_them()
    {
        var pipeline = PipelineFile.Read(Presets.Find("captions").Text, "captions", Catalog, []);

        var text = TextGraph.Write(TopologyGraph.Of("captions", pipeline, []));

        text.Should().Be("captions\n\nstage\ningest\n└─ caption\n");
    }

    [Fact]
    public void Mermaid_has_a_node_for_each_stage_an_arrow_for_each_flow_and_a_dotted_one_for_each_gate()
    {
        var text = MermaidGraph.Write(TopologyGraph.Of("starter", Starter, Busy));

        text.Should().StartWith("flowchart LR\n");
        text.Should().Contain("  caption[\"caption<br/>running, 12 waiting, 41.3/s\"]\n");
        text.Should().Contain("  ingest --> train\n").And.Contain("  select --> train\n");
        text.Should().Contain("  describe -. domains .-> edit\n").And.Contain("  train -. base-classifier .-> filter\n");
        text.Should().Contain("the last with #lt;#quot;IOException#quot;#gt;");
        text.Should().Contain("  class filter paused\n").And.Contain("  class train stopped\n");
    }

    [Theory]
    [InlineData("end", "1_end")]
    [InlineData("class", "1_class")]
    [InlineData("a-b", "1_a_b")]
    [InlineData("a_b", "a_b")]
    public void Mermaid_names_a_stage_otherwise_where_its_name_means_something(string name, string id)
    {
        var pipeline = PipelineFile.Read($"pipeline: p\nstages:\n  ingest:\n  {name}: {{ kind: caption }}\n", "p", Catalog, []);

        var text = MermaidGraph.Write(TopologyGraph.Of("p", pipeline, []));

        text.Should().Contain($"  {id}[\"{name}<br/>(caption)\"]\n").And.Contain($"  ingest --> {id}\n");
    }

    [Fact]
    public void Svg_is_xml_with_a_box_for_each_stage_and_a_line_for_each_arrow()
    {
        var graph = TopologyGraph.Of("starter & more <1>", Starter, Busy);

        var svg = XElement.Parse(SvgGraph.Write(graph));

        Named(svg, "box").Should().HaveCount(9);
        Named(svg, "flow").Should().HaveCount(10);
        Named(svg, "gate").Should().HaveCount(2);
        Named(svg, "title").Single().Value.Should().Be("starter & more <1>");
        Named(svg, "gate-name").Select(name => name.Value).Should().Equal("domains", "base-classifier");
        Named(svg, "paused").Should().ContainSingle().Which.Value.Should().Contain("filter").And.Contain("3 waiting");
        Named(svg, "stopped").Should().ContainSingle();
        Named(svg, "waiting").Should().ContainSingle();
    }

    [Fact]
    public void Svg_shows_no_figures_where_nothing_is_known()
    {
        var svg = XElement.Parse(SvgGraph.Write(TopologyGraph.Of("starter", Starter, [])));

        Named(svg, "mark").Should().BeEmpty();
    }

    [Fact]
    public void Text_that_no_xml_can_hold_is_replaced()
    {
        StageActivity[] busy = [new("caption") { State = "stopped: \u0000\u001b[2J\uffff\ud800 ]]>\n" }];
        var graph = TopologyGraph.Of("a\nb", Starter, busy);

        var (svg, text) = (SvgGraph.Write(graph), TextGraph.Write(graph));

        XElement.Parse(svg).Descendants().Should().Contain(element => element.Value.Contains("stopped: ��[2J�� ]]>�"));
        text.Should().NotContain("\u001b").And.StartWith("a�b\n\n");
    }

    [Fact]
    public void Boxes_never_overlap_and_forward_arrows_run_from_left_to_right()
    {
        Gen.Select(Gen.Int[1, 14], Gen.Int[0, 1_000_000])
            .Select((count, seed) => Random(count, seed))
            .Sample(graph =>
            {
                var layout = GraphLayout.Of(graph, node => (80 + (node.Name.Length * 9), 60), word => word.Length * 6);

                var boxes = layout.Boxes;
                boxes.Should().HaveCount(graph.Nodes.Count);
                layout.Edges.Should().HaveCount(graph.Edges.Count);
                boxes
                    .Should()
                    .OnlyContain(box =>
                        box.Left >= 0
                        && box.Top >= -0.001
                        && box.Left + box.Width <= layout.Width + 0.001
                        && box.Top + box.Height <= layout.Height + 0.001
                    );
                boxes.SelectMany((one, at) => boxes.Skip(at + 1).Where(other => Overlap(one, other))).Should().BeEmpty();
                layout.Edges.Where(edge => edge.Edge.Artifact is null && edge.Points[0].X >= edge.Points[^1].X).Should().BeEmpty();
                layout.Edges.Should().OnlyContain(edge => edge.Points.Count % 2 == 0);
            });
    }

    /// <summary>Stages that follow earlier ones, and gates between any two.</summary>
    private static TopologyGraph Random(int count, int seed)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, count).Select(at => new GraphNode($"stage{at}", "", null)).ToList();
        var flows = Enumerable
            .Range(1, count - 1)
            .SelectMany(at =>
                Enumerable
                    .Range(0, random.Next(0, 3))
                    .Select(_ => random.Next(at))
                    .Distinct()
                    .Select(from => new GraphEdge($"stage{from}", $"stage{at}", null))
            );
        var gates = Enumerable
            .Range(0, count / 4)
            .Select(_ => (From: random.Next(count), To: random.Next(count)))
            .Where(gate => gate.From != gate.To);
        return new TopologyGraph(
            "random",
            nodes,
            [.. flows, .. gates.Select(gate => new GraphEdge($"stage{gate.From}", $"stage{gate.To}", "gate"))]
        );
    }

    private static bool Overlap(PlacedBox one, PlacedBox other) =>
        one.Left < other.Left + other.Width
        && other.Left < one.Left + one.Width
        && one.Top < other.Top + other.Height
        && other.Top < one.Top + one.Height;

    private static IEnumerable<XElement> Named(XElement svg, string look) =>
        svg.Descendants().Where(element => element.Attribute("class")?.Value == look);
}
