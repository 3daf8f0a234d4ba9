using System.IO.Hashing;
using System.Text;
using Pipeline.Models.Images;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Duplicates;
using Pipeline.Stages.Embed;
using Pipeline.Stages.Giqa;
using Pipeline.Stages.Hash;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Quality;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Safety;
using Pipeline.Stages.Semantic;
using Pipeline.Stages.Tests.Ingest;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>What the stages write: columns against <c>src/Stages/Contracts.txt</c>, contents against hashes kept with the stages' versions.</summary>
/// <remarks>One run over two small pictures of each class, through every stage but train and report; in place of train stands a classifier
/// of constant weights, whose answers are the same on every processor.</remarks>
public sealed class ShardContractTests : IAsyncLifetime
{
    private const string Update = "PIPELINE_UPDATE_CONTRACTS";
    private const string Yaml = """
        pipeline: p
        stages:
          ingest: {}
          caption: {}
          describe: {}
          edit: { after: caption, prompts: ["a photo of a {} in fog", "a photo of a {} at night"] }
          constant: { after: ingest }
          filter: { after: edit }
          select: {}
          export: {}
        """;

    private const string HashYaml = """
        pipeline: p
        stages:
          ingest: {}
          hash: {}
          caption: { after: ingest }
          describe: {}
          edit: { after: caption, prompts: ["a photo of a {} in fog", "a photo of a {} at night"] }
          hash-edits: {}
          duplicates: { after: [hash, hash-edits], distance: 12 }
        """;

    private static readonly IStageKind[] Kinds = EditingKinds.With(new HashKind(), new HashEditsKind(), new DuplicatesKind());

    /// <summary>The rows of stages that look at pictures with models, whose answers may differ from processor to processor.</summary>
    private static readonly (string Stage, Type Row)[] Checks =
    [
        ("embed", typeof(EmbeddingRow)),
        ("embed-edits", typeof(EditEmbeddingRow)),
        ("semantic", typeof(SemanticRow)),
        ("semantic-originals", typeof(SemanticOriginalRow)),
        ("quality", typeof(QualityRow)),
        ("giqa", typeof(GiqaRow)),
        ("safety", typeof(SafetyRow)),
        ("safety-originals", typeof(OriginalSafetyRow)),
        ("hash", typeof(HashRow)),
        ("hash-edits", typeof(EditHashRow)),
        ("duplicates", typeof(DuplicateRow)),
    ];

    private readonly ServedRun run = Pictures();

    private static ServedRun Pictures() =>
        new(
            ["bird", "stone"],
            input =>
                input
                    .With("bird/0.png", Picture(40))
                    .With("bird/1.png", Picture(90))
                    .With("stone/0.png", Picture(160))
                    .With("stone/1.png", Picture(220))
        );

    public async ValueTask InitializeAsync()
    {
        var end = await run.ServeAsync(Yaml, Kinds);
        end.Should().Be(new RunEnd(0, null));
    }

    public ValueTask DisposeAsync()
    {
        run.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Contracts_file_lists_every_column_of_every_shard()
    {
        var path = Path.Combine(Root(), "src", "Stages", "Contracts.txt");
        var now = new StringBuilder(
            "# Every column of every stage's shards and of the exported files. Written by ShardContractTests with PIPELINE_UPDATE_CONTRACTS=1.\n"
        );
        foreach (var (stage, uri) in await ShardsAsync())
        {
            now.Append($"\n{stage}\n");
            foreach (var field in await ShardFile.ReadSchemaAsync(run.Store, uri, CancellationToken.None))
            {
                now.Append($"  {field}\n");
            }
        }

        foreach (var (stage, row) in Checks)
        {
            now.Append($"\n{stage}\n");
            foreach (var column in ShardSchema.Describe(row))
            {
                now.Append($"  {column}\n");
            }
        }

        var written = Kept(path, now.ToString());

        written.Should().Be(now.ToString(), "a contract changes in the same commit as its list; write it anew with {0}=1", Update);
    }

    [Fact]
    public async Task Output_changes_only_together_with_the_version_of_its_stage_or_of_one_before_it()
    {
        var path = Path.Combine(Root(), "tests", "Fixtures", "shard-hashes.txt");
        var before = File.Exists(path) ? File.ReadAllLines(path) : [];
        var now = new List<string>();
        foreach (var (stage, uri) in await ShardsAsync())
        {
            now.Add($"{Versions(stage)}: {(await ShardFile.ReadFooterAsync(run.Store, uri, CancellationToken.None))!.Content}");
        }

        var domains = await run.Store.ReadAllAsync($"runs/{ServedRun.Id}/describe/domains.json", CancellationToken.None);
        now.Add($"{Versions("describe")}: {Convert.ToHexStringLower(XxHash128.Hash(domains))}");

        using var hashed = Pictures();
        (await hashed.ServeAsync(HashYaml, Kinds)).Should().Be(new RunEnd(0, null));
        foreach (var stage in (string[])["hash", "hash-edits", "duplicates"])
        {
            var footer = await ShardFile.ReadFooterAsync(hashed.Store, ShardNames.Uri(ServedRun.Id, stage, 0), CancellationToken.None);
            now.Add($"{Versions(stage)}: {footer!.Content}");
        }

        var forgotten = now.Where(line => before.Any(old => old != line && old.Split(':')[0] == line.Split(':')[0]));
        forgotten.Should().BeEmpty("raise the Version of the stage's kind when its output changes");
        Kept(path, string.Join('\n', now) + "\n")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Should()
            .Equal(now, "write the hashes anew with {0}=1 after a version was raised", Update);
    }

    /// <summary>A stage and all before it, with their versions: <c>caption 1 &lt; ingest 1</c>.</summary>
    private static string Versions(string stage)
    {
        var order = new[] { "ingest", "caption", "describe", "edit", "filter", "select", "export" };
        var before = stage switch
        {
            "ingest" => [],
            "caption" => ["ingest"],
            "edit" => ["caption", "ingest"],
            "hash" => ["ingest"],
            "hash-edits" => ["edit", "caption", "ingest"],
            "duplicates" => ["hash-edits", "hash", "edit", "caption", "ingest"],
            _ => order[..Array.IndexOf(order, stage)].Reverse().ToArray(),
        };
        IStageKind[] all = [new IngestKind(), .. Kinds];
        return string.Join(" < ", before.Prepend(stage).Select(name => $"{name} {all.Single(kind => kind.Name == name).Version}"));
    }

    private static byte[] Picture(int shade)
    {
        const int Side = 24;
        var pixels = new byte[Side * Side * 3];
        for (var at = 0; at < pixels.Length; at++)
        {
            pixels[at] = (byte)((shade + (at % 3 * 20) + (at / (Side * 3) * 4)) % 256);
        }

        return PngEncoder.Encode(new RgbImage(Side, Side, pixels));
    }

    private static string Kept(string path, string now)
    {
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(path, now);
        }

        return File.ReadAllText(path);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run inside the repository.");
        }

        return folder.FullName;
    }

    private async Task<List<(string Stage, string Uri)>> ShardsAsync()
    {
        var shards = new[] { "ingest", "caption", "edit", "filter", "select" }
            .Select(stage => (stage, ShardNames.Uri(ServedRun.Id, stage, 0)))
            .ToList();
        shards.Add(
            (
                "export",
                (await run.Store.ListAsync("augmented", CancellationToken.None)).Single(uri =>
                    uri.EndsWith(".parquet", StringComparison.Ordinal)
                )
            )
        );
        return shards;
    }
}
