using System.Text.Json;
using Pipeline.Models.Hub;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Export;

/// <summary>Gathers from a run what its data set's card tells.</summary>
internal static class RunFacts
{
    /// <summary>What stages, artifacts, quarantine and selection say.</summary>
    public static async Task<ExportFacts> OfAsync(StageSite site, RunShards shards, CancellationToken stop) =>
        Settings(site) with
        {
            SetAside = await SetAsideAsync(site, shards, stop),
            Selection = await SelectionAsync(site, stop),
        };

    /// <summary>
    /// How the stages were set that the exported rows come from, and what was made for them. A stage over the whole run that only made an artifact, such as
    /// a classifier, is told by the artifact's hash alone: its settings are those of other results too.
    /// </summary>
    public static ExportFacts Settings(StageSite site)
    {
        var pipeline = site.Run.Pipeline;
        var before = pipeline.Upstream(site.Definition.Name).ToHashSet(StringComparer.Ordinal);
        var needed = new List<StageDefinition>();
        for (var found = true; found; )
        {
            var needs = pipeline.Stages.Where(stage => before.Contains(stage.Name)).SelectMany(stage => stage.Kind.Needs).ToList();
            needed = [.. pipeline.Stages.Where(stage => stage.Kind.Makes is { } made && needs.Contains(made))];
            var count = before.Count;
            foreach (var maker in needed.Where(maker => ((IRunnableKind)maker.Kind).Form != StageForm.Whole))
                before.UnionWith(pipeline.Upstream(maker.Name).Prepend(maker.Name));
            found = before.Count > count;
        }

        return new ExportFacts
        {
            Pipeline = pipeline.Name,
            Stages = [.. pipeline.Stages.Where(stage => before.Contains(stage.Name)).Select(stage => Facts(stage, site))],
            Artifacts = [.. needed.Select(maker => Artifact(maker, site, before)).OfType<ArtifactFacts>()],
        };
    }

    private static StageFacts Facts(StageDefinition stage, StageSite site)
    {
        var settings = StageOption.Deciding(stage.Options).ToList();
        var files = stage.Options.Files.ToList();
        var models = stage.Options.Models.ToList();
        return new StageFacts(
            stage.Name,
            stage.Kind.Name,
            stage.Kind.Version,
            stage.Options is IEncoderOptions ? null : settings.Find(option => option.Name == "backend")?.Get(stage.Options) as string,
            [.. settings.Select(option => (option.Name, Text(option.Get(stage.Options), files, models)))],
            Files(stage)
        )
        {
            Models = Models(stage, site),
        };
    }

    private static ArtifactFacts? Artifact(StageDefinition maker, StageSite site, HashSet<string> told) =>
        site.Run.Artifacts.TryGetValue(maker.Kind.Makes ?? "", out var artifact)
            ? new ArtifactFacts(artifact.Name, maker.Name, artifact.Content, told.Contains(maker.Name) ? [] : Files(maker))
            {
                Models = told.Contains(maker.Name) ? [] : Models(maker, site),
            }
            : null;

    private static FileFacts[] Files(StageDefinition stage) =>
        [.. stage.Options.Files.Select(path => new FileFacts(Path.GetFileName(path), FileContent.Hash(path)))];

    private static ModelFacts[] Models(StageDefinition stage, StageSite site)
    {
        var library = site.Run.Models;
        return
        [
            .. stage
                .Options.Models.Select(library.Find)
                .Select(folder => new ModelFacts(
                    folder.Name.Shown,
                    folder.Revision,
                    folder.Licence,
                    folder.Terms is { IsRestricted: true },
                    library.ContentOf(folder)
                )),
        ];
    }

    /// <summary>No folder of this machine is told.</summary>
    private static string Text(object? value, List<string> files, List<string> models) =>
        value is not string name ? OptionValue.Text(value)
        : files.Contains(name) ? Path.GetFileName(name)
        : models.Contains(name) ? ModelName.Parse(name).Shown
        : OptionValue.Text(value);

    private static async Task<IReadOnlyList<SetAside>> SetAsideAsync(StageSite site, RunShards shards, CancellationToken stop)
    {
        var found = new List<SetAside>();
        foreach (
            var stage in site.Run.Pipeline.Stages.Where(stage => ((IRunnableKind)stage.Kind).Form is StageForm.Source or StageForm.Rows)
        )
        {
            found.AddRange(
                (await shards.QuarantineAsync(stage.Name, stop))
                    .CountBy(row => row.Kind, StringComparer.Ordinal)
                    .OrderBy(kind => kind.Key, StringComparer.Ordinal)
                    .Select(kind => new SetAside(stage.Name, kind.Key, kind.Value))
            );
            if ((await shards.FailedAsync(stage.Name, stop)).Count is > 0 and var failed)
                found.Add(new SetAside(stage.Name, "failed batch", failed));
        }

        return found;
    }

    private static async Task<SelectionFacts?> SelectionAsync(StageSite site, CancellationToken stop)
    {
        var uri = $"runs/{site.Run.Run}/select/selection.json";
        if (!await site.Run.Store.ExistsAsync(uri, stop))
            return null;
        var summary = JsonSerializer.Deserialize<Summary>(await site.Run.Store.ReadAllAsync(uri, stop), JsonSerializerOptions.Web);
        return summary is null
            ? null
            : new SelectionFacts(
                summary.Selected,
                summary.Dropped,
                [.. summary.Shortfalls.Select(missing => (missing.Label, missing.Wanted, missing.Got))]
            );
    }

    private sealed record Summary(int Selected, IReadOnlyDictionary<string, int> Dropped, IReadOnlyList<ClassShortfall> Shortfalls);

    private sealed record ClassShortfall(int Label, int Wanted, int Got);
}
