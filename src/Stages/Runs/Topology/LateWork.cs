using System.Globalization;
using Pipeline.Messages;
using Pipeline.Shards;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>Has a stage that came late take the batches that the stages before it have done already: their shards are there, and their messages went by.</summary>
/// <remarks>Every message is published under the stage's own key, so that no other stage is told again. A batch that comes twice is found to be done.</remarks>
/// <param name="site">The run.</param>
internal sealed class LateWork(RunSite site)
{
    private const int AtOnce = 16;

    /// <summary>Stages that a change made from the start gives work over what is there, each with the stage whose shards it takes.</summary>
    /// <remarks>Not those that follow another such stage: what that one makes comes to them by itself.</remarks>
    public static IReadOnlyList<(string From, string Stage)> Of(TopologyHistory before, TopologyHistory after)
    {
        var changed = after
            .Pipeline.Stages.Where(TopologyHistory.IsRow)
            .Where(stage => after.Steps.Any(step => step.Version <= before.Newest && IsOther(before, after, stage.Name, step.Version)))
            .Select(stage => stage.Name)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from name in after.Pipeline.Stages.Select(stage => stage.Name)
            where changed.Contains(name)
            from step in after.Steps.Where(step => step.Version <= before.Newest)
            from source in after.Find(name, step.Version)?.After ?? []
            where !changed.Contains(source)
            select (source, name) into pair
            group pair by pair into pairs
            select pairs.Key,
        ];
    }

    /// <summary>Tells a stage of every batch that another one has done; gives how many.</summary>
    public async Task<int> SendAsync(string from, string stage, CancellationToken stop)
    {
        var sent = 0;
        var batches = await new RunShards(site.Store, site.Run).BatchesAsync(from, stop);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop };
        await Parallel.ForEachAsync(
            batches,
            options,
            async (batch, token) =>
            {
                if (await SendAsync(from, stage, batch, token))
                {
                    Interlocked.Increment(ref sent);
                }
            }
        );
        return sent;
    }

    /// <summary>Tells a stage of one batch that another one has done; false when it has not, or when the batch does not go that way.</summary>
    public async Task<bool> SendAsync(string from, string stage, int batch, CancellationToken stop)
    {
        var history = site.Topology.Current;
        var log = await WorkLog.FindAsync(site.Store, Path.ChangeExtension(ShardNames.Uri(site.Run, from, batch), WorkLog.Ending), stop);
        var version = Math.Clamp(log?.Version ?? history.Oldest, history.Oldest, history.Newest);
        if (
            !history.Follows(stage, from, version)
            || await MessageAsync(history.Plan(version), from, batch, version, stop) is not { } message
        )
        {
            return false;
        }

        await site.Transport.PublishAsync(RoutingKey.Exchange(site.Run), RoutingKey.Replay(stage), Envelope.Of(message), stop);
        return true;
    }

    private static bool IsOther(TopologyHistory before, TopologyHistory after, string stage, int version) =>
        after.Find(stage, version) is { } now
        && (before.Find(stage, version) is not { } was || !was.After.SequenceEqual(now.After) || !now.DoesAs(was));

    /// <summary>What a stage said of a batch when it was done with it, from the footers of the shards; null when one of them is not there.</summary>
    private async Task<BatchReady?> MessageAsync(PipelineDefinition plan, string stage, int batch, int version, CancellationToken stop)
    {
        var shards = new List<ShardReference>();
        IReadOnlyDictionary<string, string> last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in InOrder(plan, stage))
        {
            var uri = ShardNames.Uri(site.Run, name, batch);
            if (await TryReadAsync(uri, stop) is not { } footer)
            {
                return null;
            }

            shards.Add(new ShardReference(name, uri, footer.Content, (int)footer.Rows));
            last = footer.Extra;
        }

        return new BatchReady
        {
            Run = site.Run,
            Version = version,
            Stage = stage,
            Batch = batch,
            Shards = shards,
            RowsIn = Count(last, "rows_in"),
            Quarantined = Count(last, "quarantined"),
            Reused = true,
        };
    }

    /// <summary>The stages that a batch passed up to one, the source first and that one last.</summary>
    private static IEnumerable<string> InOrder(PipelineDefinition plan, string stage) =>
        plan.Upstream(stage).OrderBy(name => plan.Upstream(name).Count).Append(stage);

    private async Task<ShardFooter?> TryReadAsync(string uri, CancellationToken stop)
    {
        try
        {
            return await ShardFile.ReadFooterAsync(site.Store, uri, stop);
        }
        catch (ShardDamagedException)
        {
            return null; // its stage makes it again, and tells of it then
        }
    }

    private static int Count(IReadOnlyDictionary<string, string> extra, string key) =>
        int.TryParse(extra.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
}
