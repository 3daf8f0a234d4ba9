using Pipeline.Messages;
using Pipeline.Models.Hub;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>One run on one host: serves the row stages that the host is for and, where it can lead, waits for the baton.</summary>
internal sealed class HostedRun : IAsyncDisposable
{
    /// <summary>After a term that failed, before the baton is given back to whoever can lead.</summary>
    private static readonly TimeSpan BeforeNextTerm = TimeSpan.FromSeconds(1);

    private readonly ClusterStore cluster;
    private readonly HostSettings host;
    private readonly RunSite site;
    private readonly StageServing rows;
    private readonly CancellationTokenSource stopping = new();
    private readonly Action<string> log;
    private readonly Lock state = new();
    private TopologyHistory followed;
    private IConsumer? batons;
    private IDelivery? baton;
    private Task term = Task.CompletedTask;
    private CancellationTokenSource? ending;
    private string? told;

    private HostedRun(Submission submission, LiveTopology topology, ClusterStore cluster, HostSettings host, HostedParts parts)
    {
        Submission = submission;
        this.cluster = cluster;
        this.host = host;
        log = parts.Log;
        site = new RunSite
        {
            Run = submission.Run,
            Seed = submission.Seed,
            Topology = topology,
            Input = submission.Input,
            InputRoot = submission.InputRoot,
            ClassNames = submission.ClassNames,
            Limit = submission.Limit,
            Follow = submission.Follow,
            Verify = submission.Verify,
            KeepsFailed = submission.KeepsFailed,
            Output = cluster.Output(submission.Run),
            Store = new PausingStore(CrashPoint.Store(cluster.Output(submission.Run)), Tell, parts.Clock),
            Transport = parts.Transport,
            Credits = new BatchCredits(1), // the leader's term has its own
            Clock = parts.Clock,
            At = CrashPoint.At,
            Notice = Tell,
            Lanes = parts.Lanes,
            Weight = submission.Priority,
            Child = host.Child,
            Precautions = host.Precautions,
            Catalog = cluster.Catalog,
            Models = host.Models.With(ModelLock.Find(cluster.Output(submission.Run))),
            Plugins = host.Plugins,
        };
        rows = new StageServing(site, stage => HostSettings.IsShared(stage) && host.Serves(stage));
        followed = topology.Current;
    }

    /// <summary>What it serves.</summary>
    public Submission Submission { get; }

    /// <summary>Every stage that the run has or had.</summary>
    public PipelineDefinition Pipeline => site.Pipeline;

    /// <summary>Begins to serve a run whose topology is declared.</summary>
    /// <exception cref="InvalidOperationException">The topology is not there (any more).</exception>
    public static async Task<HostedRun> StartAsync(
        Submission submission,
        ClusterStore cluster,
        HostSettings host,
        HostedParts parts,
        CancellationToken stop
    )
    {
        var run = new HostedRun(submission, await cluster.TopologyAsync(submission.Run, stop), cluster, host, parts);
        try
        {
            await run.LookAsync(stop);
            if (host.CanLead(run.Pipeline))
            {
                // Two: the baton that is held and the one that replaces it.
                run.batons = await parts.Transport.ConsumeAsync(RunTopology.Lead(submission.Run), 2, run.OnBatonAsync, stop);
            }

            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Looks in the store for changes of the topology and for artifacts, and starts the stages that waited for them.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        if (await site.Topology.RefreshAsync(stop) is var now && !ReferenceEquals(now, followed))
        {
            if (now.Newest != followed.Newest)
            {
                log($"{Submission.Run} has topology version {now.Newest}: {now.Steps[^1].Change}");
            }

            followed = now;
            await StartAsync(() => rows.FollowAsync(stop));
        }

        foreach (var artifact in await ArtifactFile.ReadAllAsync(site.Store, stop))
        {
            site.Artifacts.TryAdd(artifact.Name, artifact);
        }

        await StartAsync(() => rows.StartReadyAsync(stop));
    }

    /// <summary>A stage that cannot be started is told of, and tried again by the next look; the others are served.</summary>
    private async Task StartAsync(Func<Task> start)
    {
        try
        {
            await start();
        }
        catch (StageStartException fault)
        {
            Tell($"{fault.Stage} cannot be served now: {fault.Message}");
        }
    }

    /// <summary>Takes nothing more and finishes what is begun as long as <paramref name="limit"/> lets it.</summary>
    public Task DrainAsync(CancellationToken limit) => rows.DrainAsync(limit);

    /// <summary>Leaves the run: what is not finished is given back, the baton too.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await rows.DisposeAsync();
        await term.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (batons is not null)
        {
            await batons.DisposeAsync();
        }

        stopping.Dispose();
    }

    private async Task OnBatonAsync(IDelivery delivery)
    {
        IDelivery? before;
        lock (state)
        {
            before = baton;
            if (before is { Lost.IsCancellationRequested: false })
            {
                baton = delivery;
            }
        }

        if (before is { Lost.IsCancellationRequested: false })
        {
            await before.AcknowledgeAsync();
        }
        else
        {
            await term.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
            {
                return; // given back when the consumer is disposed
            }

            lock (state)
            {
                baton = delivery;
                ending = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
                term = Task.Run(() => LeadAsync(ending), CancellationToken.None);
            }
        }

        delivery.Lost.Register(() => OnLost(delivery));
    }

    private void OnLost(IDelivery delivery)
    {
        lock (state)
        {
            if (baton == delivery)
            {
                ending?.Cancel();
            }
        }
    }

    private async Task LeadAsync(CancellationTokenSource over)
    {
        log($"leads {Submission.Run}");
        var failed = false;
        IDelivery? unled = null;
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        var renewal = RenewAsync(renewing.Token);
        try
        {
            await new LeaderTerm(Submission, site, cluster, host).LeadAsync(over.Token);
            log($"{Submission.Run} has ended");
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            log($"no longer leads {Submission.Run}");
        }
        catch (Exception error)
        {
            log($"{Submission.Run} could not be led: {error.Message}");
            failed = true;
        }
        finally
        {
            await renewing.CancelAsync();
            await renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (state)
            {
                ending = null;
                if (failed)
                {
                    (unled, baton) = (baton, null);
                }
            }

            over.Dispose();
        }

        if (unled is not null)
        {
            await Task.Delay(BeforeNextTerm, site.Clock, stopping.Token);
            await unled.GiveBackAsync();
        }
    }

    /// <summary>A delivery cannot be held for ever, so the baton is published anew from time to time; it comes to the one active consumer, which is this one.</summary>
    private async Task RenewAsync(CancellationToken stop)
    {
        while (site.Transport.AcknowledgementTimeout is { } limit)
        {
            await Task.Delay(limit / 3, site.Clock, stop);
            await PassBatonAsync(site.Transport, Submission, cluster.Root, stop);
        }
    }

    /// <summary>Publishes the message whose holder leads the run.</summary>
    internal static ValueTask PassBatonAsync(ITransport transport, Submission submission, string store, CancellationToken stop) =>
        transport.PublishAsync(
            RoutingKey.Exchange(submission.Run),
            RoutingKey.Event(nameof(RunSubmitted), submission.Run),
            Envelope.Of(new RunSubmitted { Run = submission.Run, Store = store }),
            stop
        );

    /// <summary>Once for each kind of notice until it is over: a store without room tells of every file.</summary>
    private void Tell(string? notice)
    {
        var kind = notice?.Split(':')[0];
        if (Interlocked.Exchange(ref told, kind) != kind && notice is not null)
        {
            log($"{Submission.Run}: {notice}");
        }
    }
}

/// <summary>What the runs of a host share.</summary>
/// <param name="Transport">What carries the messages.</param>
/// <param name="Clock">Gives pauses.</param>
/// <param name="Log">Told in a line what the host does.</param>
/// <param name="Lanes">The model calls at which the runs take turns.</param>
internal sealed record HostedParts(ITransport Transport, TimeProvider Clock, Action<string> Log, HostLanes Lanes);
