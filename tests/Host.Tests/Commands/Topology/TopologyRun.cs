using Pipeline.Host.Tests;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Host.Tests.Commands.Topology;

/// <summary>The output directory of a run of the preset starter.</summary>
internal static class TopologyRun
{
    /// <summary>A folder with such a run in this state.</summary>
    public static TemporaryFolder Create(string state)
    {
        var folder = new TemporaryFolder();
        folder.WriteRun(state);
        folder.Write("pipeline.yaml", PipelineFile.Write(RunSession.Read("starter", [])));
        return folder;
    }

    /// <summary>The run's topology.</summary>
    public static Task<TopologyHistory> TopologyAsync(this TemporaryFolder folder) =>
        new TopologyStore(new Shards.Stores.FolderStore(folder.Root), () => RunSession.Catalog).ReadAsync(CancellationToken.None);

    /// <summary>What a stage of the run follows.</summary>
    public static async Task<string> AfterAsync(this TemporaryFolder folder, string stage) =>
        string.Join(' ', (await folder.TopologyAsync()).Pipeline.Find(stage)?.After ?? ["there is no such stage"]);
}
