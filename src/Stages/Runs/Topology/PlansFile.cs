using System.Globalization;
using System.Text.Json;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>Where stages in other languages stand in every version of a run's topology, in <c>plans.json</c>, so that they need neither read YAML nor work out plans.</summary>
/// <remarks>A contract, told in <c>src/Messages/README.md</c>. It is there only where a run has such stages.</remarks>
internal static class PlansFile
{
    /// <summary>Name of the file within the run's directory.</summary>
    public const string Name = "plans.json";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes the file where the run has such stages, and removes it where it has none. To be written before the newest version is in force.</summary>
    public static async Task WriteAsync(IShardStore store, TopologyHistory history, CancellationToken stop)
    {
        if (history.All.Stages.Any(IsForeign))
        {
            await store.WriteAsync(Name, JsonSerializer.SerializeToUtf8Bytes(Of(history), Indented), stop);
        }
        else if (await store.ExistsAsync(Name, stop))
        {
            await store.DeleteAsync(Name, stop);
        }
    }

    private static Content Of(TopologyHistory history) =>
        new(
            history.Oldest,
            history.Newest,
            history.Paused,
            history.Steps.ToDictionary(
                step => step.Version.ToString(CultureInfo.InvariantCulture),
                step => Plan(history.Plan(step.Version)),
                StringComparer.Ordinal
            )
        );

    private static Dictionary<string, Stage> Plan(PipelineDefinition plan) =>
        plan.Stages.Where(IsForeign).ToDictionary(stage => stage.Name, Of, StringComparer.Ordinal);

    private static Stage Of(StageDefinition stage) =>
        new(
            stage.Kind.Name,
            stage.After,
            StageOption
                .Of(stage.Options)
                .ToDictionary(option => option.Name, option => OptionValue.Text(option.Get(stage.Options)), StringComparer.Ordinal)
        );

    private static bool IsForeign(StageDefinition stage) => stage.Kind is ForeignKind { Manifest.Sha256: null };

    private sealed record Content(
        int Oldest,
        int Newest,
        IReadOnlyList<string> Paused,
        IReadOnlyDictionary<string, Dictionary<string, Stage>> Plans
    );

    private sealed record Stage(string Kind, IReadOnlyList<string> After, IReadOnlyDictionary<string, string> Options);
}
