using Pipeline.Models;
using Pipeline.Models.Images;
using Pipeline.Shards;
using Pipeline.Stages.Duplicates;
using Pipeline.Stages.Edit;
using Pipeline.Stages.Embed;
using Pipeline.Stages.Giqa;
using Pipeline.Stages.Hash;
using Pipeline.Stages.Quality;
using Pipeline.Stages.Report;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Safety;
using Pipeline.Stages.Seeing;
using Pipeline.Stages.Semantic;
using Pipeline.Stages.Tests.Ingest;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Seeing;

/// <summary>Kinds and input of runs that look at pictures.</summary>
internal static class SeeingRun
{
    /// <summary>The repository's fixtures.</summary>
    public static string Fixtures { get; } = Find();

    /// <summary>The tiny CLIP of the reference cases: random weights, 32 pixels.</summary>
    public static string TinyClip => $"path:{Path.Combine(Fixtures, "golden", "clip", "model")}";

    /// <summary>All kinds, with these encoders and checkers in place of the run's models.</summary>
    public static IStageKind[] Kinds(OpenEncoder? encoder = null, OpenChecker? checker = null, IQualityScorer? scorer = null) =>
        [
            .. EditingKinds.With().Where(kind => kind.Name != "edit"),
            checker is null ? new EditKind() : new EditKind(checker),
            encoder is null ? new EmbedKind() : new EmbedKind(encoder),
            encoder is null ? new EmbedEditsKind() : new EmbedEditsKind(encoder),
            encoder is null ? new SemanticKind() : new SemanticKind(encoder),
            encoder is null ? new SemanticOriginalsKind() : new SemanticOriginalsKind(encoder),
            scorer is null ? new QualityKind() : new QualityKind(encoder ?? Encoders.Open, (_, _) => scorer),
            checker is null ? new SafetyKind() : new SafetyKind(checker),
            checker is null ? new SafetyOriginalsKind() : new SafetyOriginalsKind(checker),
            new HashKind(),
            new HashEditsKind(),
            new DuplicatesKind(),
            new GiqaKind(),
            new ReportKind(),
        ];

    /// <summary>The stamp birds, some in training and some in test; the first of the training pictures stands in test once more, smaller.</summary>
    public static void Birds(InputFolder input)
    {
        var files = Directory.GetFiles(Path.Combine(Fixtures, "stampbirds"), "*.jpg").Order(StringComparer.Ordinal).ToList();
        foreach (var (path, index) in files.Select((path, index) => (path, index)))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            input.With($"{(index % 3 == 2 ? "test" : "train")}/{name.Split('-')[0]}/{name}.jpg", File.ReadAllBytes(path));
        }

        var first = ImageDecoder.Decode(File.ReadAllBytes(files[0]));
        var smaller = ImageResize.To(first, first.Width * 3 / 4, first.Height * 3 / 4);
        input.With("test/landbird/again.png", PngEncoder.Encode(smaller));
    }

    /// <summary>Hashes of what each shard of a stage holds, whatever it was computed from.</summary>
    public static async Task<IReadOnlyList<string>> ContentsAsync(ServedRun run, string stage)
    {
        var all = new List<string>();
        foreach (var batch in await run.Shards.BatchesAsync(stage, CancellationToken.None))
        {
            var footer = await ShardFile.ReadFooterAsync(run.Store, ShardNames.Uri(ServedRun.Id, stage, batch), CancellationToken.None);
            all.Add(footer!.Content);
        }

        return all;
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run inside the repository.");
        }

        return Path.Combine(folder.FullName, "tests", "Fixtures");
    }
}
