using Pipeline.Messages;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>Runs a stage's work once, when every stage that it follows is drained.</summary>
/// <param name="site">The stage.</param>
/// <param name="work">The work; gives the rows it wrote. Safe to run twice.</param>
public sealed class WholeStageRunner(StageSite site, Func<CancellationToken, Task<long>> work) : IStageRunner
{
    private readonly HashSet<string> drained = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private IAsyncDisposable? consumer;

    /// <summary>The routing patterns of such a stage.</summary>
    public static IEnumerable<string> Bindings(Definition.StageDefinition stage) =>
        stage.After.Select(after => RoutingKey.Event(nameof(StageDrained), after));

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken stop) =>
        consumer = await site.Run.Transport.ConsumeAsync(site.Queue, site.Definition.After.Count, OnDrainedAsync, stop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (consumer is not null)
        {
            await consumer.DisposeAsync();
        }

        stopping.Dispose();
    }

    private async Task OnDrainedAsync(IDelivery delivery)
    {
        drained.Add(delivery.Message.Read<StageDrained>().Stage);
        if (drained.Count < site.Definition.After.Count)
        {
            await delivery.AcknowledgeAsync();
            return;
        }

        var name = site.Definition.Name;
        try
        {
            var started = site.Run.Clock.GetTimestamp();
            var rows = await work(stopping.Token);
            site.Meter.Worked(site.Run.Clock.GetElapsedTime(started));
            site.Meter.Finished((int)rows, 0, wasThere: false);
            site.Run.At($"{name}:publish.before");
            await site.PublishEventAsync(
                new StageDrained
                {
                    Run = site.Run.Run,
                    Stage = name,
                    Batches = 1,
                    Rows = rows,
                },
                name,
                stopping.Token
            );
            site.Run.At($"{name}:publish.after");
            site.Run.At($"{name}:acknowledge.before");
            await delivery.AcknowledgeAsync();
            site.Run.At($"{name}:acknowledge.after");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // given back when the consumer is disposed
        }
        catch (Exception error)
        {
            await StageFailure.TellAsync(site, 0, [], error, stopping.Token);
            await delivery.FailAsync($"{error.GetType().Name}: {error.Message}");
        }
    }
}
