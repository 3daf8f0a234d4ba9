using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>What whoever leads a run does when its topology has changed: serves new stages, keeps the books by it, and gives late stages the batches that went by.</summary>
/// <param name="site">The run.</param>
/// <param name="serving">The stages served here.</param>
/// <param name="keeper">The books.</param>
internal sealed class FollowedTopology(RunSite site, StageServing serving, Keeper keeper)
{
    /// <summary>For every host to have heard of a change: each looks once a second. Until then one may do a batch on the way that it no longer has.</summary>
    private static readonly TimeSpan BeforeAllKnow = TimeSpan.FromSeconds(1.5);

    private readonly LateWork late = new(site);
    private TopologyHistory followed = site.Topology.Current;

    /// <summary>Follows what has changed since the last call; false when what was made once a run is out of date by it, so that the run must be led anew.</summary>
    public async Task<bool> FollowAsync(CancellationToken stop)
    {
        var (before, now) = (followed, await site.Topology.RefreshAsync(stop));
        if (ReferenceEquals(before, now))
        {
            await (now.IsPlain ? Task.CompletedTask : serving.StartReadyAsync(stop)); // what was paused, or replaced, may start by now
            return true;
        }

        await serving.FollowAsync(stop);
        foreach (var stage in now.All.Stages.Where(stage => stage.Kind.Needs.All(site.Artifacts.ContainsKey)))
        {
            keeper.GateOpened(stage.Name);
        }

        await keeper.FollowAsync(stop);
        if (keeper.IsStale || now.All.Stages.Any(stage => IsOutOfDate(stage, before.All.Find(stage.Name))))
        {
            return false;
        }

        var work = LateWork.Of(before, now);
        if (work.Any(pair => before.All.Find(pair.Stage) is not null) || now.Steps.Any(step => Moves(before, now, step.Version)))
        {
            await Task.Delay(BeforeAllKnow, site.Clock, stop);
        }

        foreach (var (from, stage) in work)
        {
            await late.SendAsync(from, stage, stop);
        }

        followed = now;
        return true;
    }

    /// <summary>Whether nothing was changed that was not followed to its end: asked when the run seems to be over.</summary>
    public async Task<bool> IsFollowedAsync(CancellationToken stop) => ReferenceEquals(await site.Topology.RefreshAsync(stop), followed);

    /// <summary>Has a batch come to a stage again, from those that it follows now.</summary>
    public async Task SendAgainAsync(string stage, int batch, IReadOnlyList<string> sources)
    {
        foreach (var source in sources)
        {
            await late.SendAsync(source, stage, batch, CancellationToken.None);
        }
    }

    /// <summary>Whether a stage that was there follows others now, so that a batch may be on a way that it no longer has.</summary>
    private static bool Moves(TopologyHistory before, TopologyHistory now, int version) =>
        version <= before.Newest
        && now.Plan(version)
            .Stages.Any(stage =>
                TopologyHistory.IsRow(stage) && before.Find(stage.Name, version) is { } was && !was.After.SequenceEqual(stage.After)
            );

    /// <summary>Whether work over the whole run has other settings now, or has to wait for more than when it was begun.</summary>
    private bool IsOutOfDate(StageDefinition stage, StageDefinition? was) =>
        !TopologyHistory.IsRow(stage)
        && was is not null
        && (!stage.DoesAs(was) || (!stage.After.SequenceEqual(was.After) && keeper.IsDrained(stage.Name)));
}
