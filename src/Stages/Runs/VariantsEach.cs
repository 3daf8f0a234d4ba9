using Pipeline.Shards;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>Variants that a stage planned for each training sample, batch by batch: its settings may have changed while the run went on.</summary>
internal static class VariantsEach
{
    /// <summary>By batch, from the settings of the version with which the batch passed the stage.</summary>
    public static async Task<IReadOnlyDictionary<int, int>> ReadAsync(
        RunSite site,
        StageDefinition maker,
        IEnumerable<int> batches,
        CancellationToken stop
    )
    {
        var history = site.Topology.Current;
        var byVersion = new Dictionary<int, int>();
        var each = new Dictionary<int, int>();
        foreach (var batch in batches)
        {
            var version = history.IsPlain ? history.Newest : await VersionAsync(site, maker.Name, batch, stop) ?? history.Newest;
            if (!byVersion.TryGetValue(version, out var variants))
            {
                var definition = history.Find(maker.Name, version) ?? maker;
                variants = ((IVariantKind)definition.Kind).VariantsEach(new StageSite(site, definition, new StageMeter()));
                byVersion[version] = variants;
            }

            each[batch] = variants;
        }

        return each;
    }

    private static async Task<int?> VersionAsync(RunSite site, string stage, int batch, CancellationToken stop)
    {
        var log = await WorkLog.FindAsync(site.Store, Path.ChangeExtension(ShardNames.Uri(site.Run, stage, batch), WorkLog.Ending), stop);
        return log?.Version ?? (await FailureRecord.ReadAsync(site.Store, FailureRecord.Uri(site.Run, stage, batch), stop))?.Given?.Version;
    }
}
