using System.Globalization;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Piped;

namespace Pipeline.Stages.Isolation.Serving;

/// <summary>The parent's side of one child that serves a stage: hands it what it needs, does what it asks for, and sees how it ends.</summary>
internal sealed class ServedChild : IAsyncDisposable
{
    /// <summary>For a child to leave that was asked to; it ends itself before.</summary>
    private static readonly TimeSpan LeaveLimit = ChildStage.LeaveLimit + TimeSpan.FromSeconds(3);

    /// <summary>For what a child has said to be read when it has ended; a process of its own that outlives it may hold its end open.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly StageSite site;
    private readonly IChild child;
    private readonly PipeEnd pipe;
    private readonly PipedCalls calls;
    private readonly Task reading;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StageCounts counts;
    private volatile string? reason;

    /// <summary>Takes over a child that has just begun.</summary>
    /// <param name="site">The stage.</param>
    /// <param name="child">The child.</param>
    /// <param name="recovered">Called when it is ready.</param>
    public ServedChild(StageSite site, IChild child, Action recovered)
    {
        (this.site, this.child) = (site, child);
        pipe = new PipeEnd(child.Output, child.Input);
        calls = new PipedCalls(site.Run.Transport, pipe, OnPublished);
        _ = ready.Task.ContinueWith(
            _ => recovered(),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default
        );
        reading = pipe.ReadAsync(Take);
    }

    /// <summary>Whether a batch got its shard from it.</summary>
    public bool HasFinishedOne { get; private set; }

    /// <summary>Whether it could not begin for a reason that it gave.</summary>
    public bool IsFaulty { get; private set; }

    /// <summary>Serves until the child ends; says why it did.</summary>
    /// <param name="limit">For it to be ready.</param>
    public async Task<string> ServeAsync(TimeSpan limit)
    {
        var ending = EndAsync();
        if (!await BeginAsync(ending, limit))
        {
            child.Kill();
        }

        return await ending;
    }

    /// <summary>Has it take nothing more; returns when what it took is finished, when it ends, or when <paramref name="stop"/> is cancelled.</summary>
    public async Task DrainAsync(CancellationToken stop)
    {
        pipe.Tell(ChildNotes.Drain, value: true);
        await Task.WhenAny(drained.Task, reading, Task.Delay(Timeout.InfiniteTimeSpan, stop));
    }

    /// <summary>Lets it leave, ends it if it does not, and gives back what it had not settled.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = pipe.CloseAsync(); // which waits for what a child that hangs does not read
        await Task.WhenAny(child.EndAsync(), Task.Delay(LeaveLimit, site.Run.Clock));
        child.Kill();
        await Task.WhenAny(reading, Task.Delay(LastWords, site.Run.Clock));
        await child.DisposeAsync();
        await calls.DisposeAsync();
    }

    /// <summary>Sends the stage; true when the child serves it, or has ended.</summary>
    private async Task<bool> BeginAsync(Task ending, TimeSpan limit)
    {
        try
        {
            await child.Input.WriteLineAsync(JsonSerializer.Serialize(ServedSite.Of(site), JsonSerializerOptions.Web));
            await child.Input.FlushAsync();
        }
        catch (IOException)
        {
            return true; // it has ended: what it said is read first
        }

        using var over = new CancellationTokenSource();
        if (await Task.WhenAny(ready.Task, ending, Task.Delay(limit, site.Run.Clock, over.Token)) == ready.Task || ending.IsCompleted)
        {
            await over.CancelAsync();
            return ready.Task is not { IsFaulted: true };
        }

        reason = string.Create(CultureInfo.InvariantCulture, $"it was not ready within {limit.TotalSeconds:0.###} s");
        return false;
    }

    private async Task<string> EndAsync()
    {
        var end = await child.EndAsync();
        await Task.WhenAny(reading, Task.Delay(LastWords, site.Run.Clock));
        return (reason ?? end).TrimEnd('.');
    }

    private void Take(PipeLine line)
    {
        if (line is PipeNote note)
        {
            Take(note);
        }
        else
        {
            calls.Take(line);
        }
    }

    private void Take(PipeNote note)
    {
        switch (note.Name)
        {
            case ChildNotes.Ready:
                ready.TrySetResult();
                break;
            case ChildNotes.Fault:
                IsFaulty = true;
                reason = note.Value.GetString();
                child.Kill();
                break;
            case ChildNotes.Hung:
                reason = "a call in it did not come back";
                site.Run.Notice($"{note.Value.GetString()} Its process makes way for another one.");
                break;
            case ChildNotes.Counts:
                var now = note.Value.Deserialize<StageCounts>(JsonSerializerOptions.Web);
                site.Meter.Add(now, counts);
                counts = now;
                break;
            case ChildNotes.Notice:
                site.Run.Notice(note.Value.GetString());
                break;
            case ChildNotes.Drained:
                drained.TrySetResult();
                break;
        }
    }

    private void OnPublished(Envelope message)
    {
        if (message.Type == nameof(BatchReady) && !message.Read<BatchReady>().Reused)
        {
            HasFinishedOne = true;
        }
    }
}
