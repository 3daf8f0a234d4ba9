using System.Text.Json.Nodes;
using Pipeline.Shards;
using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export.Card;

/// <summary>A small run whose data set has every kind of column, a stage with a model and a class name that needs care.</summary>
internal sealed class CardRun : IDisposable
{
    private readonly SmallRun run = new();

    public CardRun()
    {
        string[] ids = [.. Enumerable.Range(0, 5).Select(row => SmallRun.Sample(0, row))];
        run.Shards.Add(
            "embed",
            0,
            ShardColumn.Of("sample_id", ids),
            ShardColumn.OfNullable("vector", new float[]?[] { [1f], null, [], [0.1f], [2f] }),
            ShardColumn.OfNullable("words", new string[]?[] { ["a"], [], null, ["one"], [""] }),
            ShardColumn.Of("is sharp", new[] { true, false, true, false, true })
        );
        Request = run.Request with
        {
            Describing = [.. run.Request.Describing, "embed"],
            LeftOut = new HashSet<string> { SmallRun.Sample(1, 3) },
            Facts = new ExportFacts
            {
                Pipeline = "birds & stones",
                Stages =
                [
                    new StageFacts("edit", "edit", 3, "procedural", [("strength", "0.7"), ("variants", "1")], []),
                    new StageFacts("caption", "caption", 1, "blip", [], [new FileFacts("blip.safetensors", "00ff")]),
                ],
                Artifacts = [new ArtifactFacts("base-classifier", "train", "11ee", [new FileFacts("resnet.safetensors", "22dd")])],
                SetAside = [new SetAside("ingest", "truncated", 2)],
                Selection = new SelectionFacts(
                    3,
                    new Dictionary<string, int> { ["too_easy"] = 6, ["mislabelled"] = 1 },
                    [(Label: 1, Wanted: 4, Got: 2)]
                ),
            },
        };
    }

    public ExportRequest Request { get; set; }

    public MemoryRun Shards => run.Shards;

    public string PathOf(string file) => run.PathOf("augmented/" + file);

    public string[] Files =>
        [.. Directory.GetFiles(PathOf(""), "*.parquet").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Exports, and reads card and Croissant description.</summary>
    public async Task<(string Card, JsonObject Croissant)> ExportAsync(ExportOptions? options = null)
    {
        await DataSetExporter.WriteAsync(
            Request,
            options ?? new ExportOptions { ShardBytes = 200 },
            run.Store,
            TestContext.Current.CancellationToken
        );
        var croissant = JsonNode.Parse(await File.ReadAllTextAsync(PathOf("croissant.json"), TestContext.Current.CancellationToken));
        return (await File.ReadAllTextAsync(PathOf("README.md"), TestContext.Current.CancellationToken), croissant!.AsObject());
    }

    public void Dispose() => run.Dispose();
}
