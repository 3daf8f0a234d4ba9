using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Failures;

/// <summary>One command that has failed batches tried again, or gives them up: chooses them, then claims each once, whoever else does the same at that time.</summary>
/// <param name="store">The store at the run's output directory.</param>
/// <param name="run">The run's id.</param>
/// <param name="clock">Tells the time and gives pauses.</param>
public sealed class Replay(IShardStore store, string run, TimeProvider clock)
{
    private readonly ReplayClaims claims = new(store);

    /// <summary>The failed batches that are meant, without those that were given up. Those that an earlier command has claimed and that are not done yet are among them.</summary>
    public async Task<IReadOnlyList<FailedBatch>> ChooseAsync(FailureSelection selection, CancellationToken stop) =>
        [.. (await FailedBatch.ReadAllAsync(store, run, stop)).Where(batch => !batch.IsDropped && selection.Means(batch))];

    /// <summary>Claims what nobody has claimed.</summary>
    /// <param name="batches">From <see cref="ChooseAsync"/>.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="claimed">Told after each batch how many are claimed.</param>
    /// <param name="stop">Ends it between two batches; what is claimed stays claimed, and the same command goes on.</param>
    /// <returns>The batches that this call claimed.</returns>
    public async Task<IReadOnlyList<FailedBatch>> ClaimAsync(
        IReadOnlyList<FailedBatch> batches,
        ReplayRequest request,
        Action<int> claimed,
        CancellationToken stop
    )
    {
        var open = batches.Where(batch => batch.Claim is null).ToList();
        if (open.Count == 0)
        {
            return [];
        }

        var audit = ReplayAudit.Now(clock, request.Asked, open.Count, request.Drop, request.Sets);
        await audit.WriteAsync(store, stop);
        var own = new List<FailedBatch>();
        var started = clock.GetTimestamp();
        var claim = "";
        foreach (var batch in open)
        {
            await PaceAsync(own.Count, request.Rate, started, stop);
            if (own.Count % IShardStore.MostNames == 0)
            {
                var said = new ReplayClaim(audit.Id, request.Drop, request.Sets);
                claim = await claims.WriteAsync(said, own.Count / IShardStore.MostNames, stop);
            }

            if (await claims.TryClaimAsync(batch.Record, claim, stop))
            {
                own.Add(batch);
                claimed(own.Count);
            }
        }

        return own;
    }

    private Task PaceAsync(int done, double? rate, long started, CancellationToken stop)
    {
        var due = rate is { } each ? TimeSpan.FromSeconds(done / each) - clock.GetElapsedTime(started) : TimeSpan.Zero;
        return due > TimeSpan.Zero ? Task.Delay(due, clock, stop) : Task.CompletedTask;
    }
}

/// <summary>What a command asks for.</summary>
/// <param name="Asked">The command's arguments as they were written, for the record.</param>
/// <param name="Drop">True to give the batches up.</param>
/// <param name="Sets">Each <c>stage.option=value</c> that holds for these batches from now on.</param>
/// <param name="Rate">Batches a second at the most; null for no bound.</param>
public sealed record ReplayRequest(string Asked, bool Drop, IReadOnlyList<string> Sets, double? Rate);
