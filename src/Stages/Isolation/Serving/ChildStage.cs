using System.Text.Json;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport.Piped;

namespace Pipeline.Stages.Isolation.Serving;

/// <summary>The child's side: serves a whole stage with the runner of its kind, over the queues of its parent.</summary>
/// <remarks>It lives as long as its parent lets it: when that closes its end, or dies, the child gives up what it has begun and ends.</remarks>
public sealed class ChildStage : IAsyncDisposable
{
    /// <summary>For letting go when the parent is gone; then the process is ended as it is. More than a stage has to be disposed.</summary>
    public static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(12);

    /// <summary>For the other batches to end when a call has hung.</summary>
    private static readonly TimeSpan HungLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenCounts = TimeSpan.FromMilliseconds(250);

    private readonly PipeEnd pipe;
    private readonly ServedSite served;
    private readonly StageCatalog catalog;
    private readonly ChildProgram alone;
    private readonly Action endNow;
    private readonly TimeProvider clock;
    private readonly PipeTransport transport;
    private readonly StageMeter meter = new();
    private readonly CancellationTokenSource gone = new();
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource hung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildStage(PipeEnd pipe, ServedSite served, StageCatalog catalog, ChildProgram alone, Action endNow, TimeProvider clock)
    {
        (this.pipe, this.served, this.catalog, this.alone, this.endNow, this.clock) = (pipe, served, catalog, alone, endNow, clock);
        transport = new PipeTransport(pipe, served.AcknowledgementTimeout);
    }

    /// <summary>Serves until the parent closes its end.</summary>
    /// <param name="input">A <see cref="ServedSite"/>, then what the parent says.</param>
    /// <param name="output">What the child says. Nothing else may write there.</param>
    /// <param name="catalog">The stage kinds of this program.</param>
    /// <param name="alone">Tries items that brought a child down.</param>
    /// <param name="endNow">Ends the process.</param>
    /// <param name="clock">Measures limits.</param>
    public static async Task ServeAsync(
        TextReader input,
        TextWriter output,
        StageCatalog catalog,
        ChildProgram alone,
        Action endNow,
        TimeProvider clock
    )
    {
        if (await input.ReadLineAsync() is not { } line)
        {
            return;
        }

        var site =
            JsonSerializer.Deserialize<ServedSite>(line, JsonSerializerOptions.Web)
            ?? throw new InvalidDataException("The first line is null; it must be the stage to serve.");
        await using var stage = new ChildStage(new PipeEnd(input, output), site, catalog, alone, endNow, clock);
        await stage.ServeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync();
        gone.Dispose();
    }

    private async Task ServeAsync()
    {
        using var over = new ManualResetEventSlim();
        var reading = pipe.ReadAsync(Take)
            .ContinueWith(_ => Leave(over), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await WorkAsync();
        }
        catch (Exception error)
        {
            pipe.Tell(ChildNotes.Fault, $"{error.GetType().Name}: {error.Message}"); // in vain when the parent is gone
            await Task.Delay(Timeout.InfiniteTimeSpan, gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        over.Set();
        await reading;
    }

    private async Task WorkAsync()
    {
        var site = served.Site.Open(served.Site.KindsWith(catalog), Connect) with { Meter = meter };
        await site.Run.Topology.RefreshAsync(gone.Token);
        await using var runner = ((IRunnableKind)site.Definition.Kind).Create(site);
        await runner.StartAsync(gone.Token);
        pipe.Tell(ChildNotes.Ready, value: true);
        var telling = Task.WhenAll(CountAsync(), FollowAsync(site.Run.Topology));
        await Task.WhenAny(asked.Task, hung.Task);
        if (hung.Task.IsCompleted)
        {
            using var limit = new CancellationTokenSource(HungLimit, clock);
            await runner.DrainAsync(limit.Token);
            await pipe.SendAsync(PipeEnd.Note(ChildNotes.Counts, meter.Counts));
            endNow();
        }

        await runner.DrainAsync(gone.Token);
        await pipe.SendAsync(PipeEnd.Note(ChildNotes.Counts, meter.Counts));
        pipe.Tell(ChildNotes.Drained, value: true);
        await telling;
    }

    private RunSite Connect(RunSite run) =>
        run with
        {
            Topology = new LiveTopology(run.Topology.Current, new TopologyStore(new FolderStore(run.Output), run.Catalog).ReadNewerAsync),
            Store = new PausingStore(CrashPoint.Store(run.Output), Tell, clock),
            Transport = transport,
            Child = alone,
            KeepsFailed = served.KeepsFailed,
            Clock = clock,
            At = CrashPoint.At,
            Notice = Tell,
            Hung = Hang,
            Precautions = _ => new Precautions { TimeLimit = served.TimeLimit, DisposeLimit = served.DisposeLimit },
        };

    private void Tell(string? notice)
    {
        if (!transport.IsClosed) // what fails from then on is no news
        {
            pipe.Tell(ChildNotes.Notice, notice);
        }
    }

    private void Hang(string reason)
    {
        pipe.Tell(ChildNotes.Hung, reason);
        hung.TrySetResult();
    }

    private void Take(PipeLine line)
    {
        if (line is PipeNote { Name: ChildNotes.Drain })
        {
            asked.TrySetResult();
        }
        else
        {
            transport.Take(line);
        }
    }

    /// <summary>The parent has closed its end, or died. On the thread that read what it said: the others may be held by the stage.</summary>
    private void Leave(ManualResetEventSlim over)
    {
        transport.Close();
        asked.TrySetResult();
        gone.Cancel();
        if (!over.Wait(LeaveLimit))
        {
            endNow();
        }
    }

    /// <summary>As a host does, so that a batch is stamped and settled by the topology of now.</summary>
    private async Task FollowAsync(LiveTopology topology)
    {
        using var timer = new PeriodicTimer(BetweenLooks, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(gone.Token))
            {
                await TryFollowAsync(topology);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // the parent is gone
        }
    }

    private async Task TryFollowAsync(LiveTopology topology)
    {
        try
        {
            await topology.RefreshAsync(gone.Token);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or PipelineFileException)
        {
            Tell($"{served.Site.Stage}: the topology of the run cannot be read now: {error.Message}");
        }
    }

    private async Task CountAsync()
    {
        using var timer = new PeriodicTimer(BetweenCounts, clock);
        var told = default(StageCounts);
        try
        {
            while (await timer.WaitForNextTickAsync(gone.Token))
            {
                if (meter.Counts is var now && now != told)
                {
                    await pipe.SendAsync(PipeEnd.Note(ChildNotes.Counts, told = now));
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // the parent is gone
        }
    }
}
