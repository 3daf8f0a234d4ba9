using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs.Definition;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>A stage <c>sum</c> over the whole run that follows <c>first</c> and <c>second</c>, whose end the test tells.</summary>
internal sealed class WholeStageSite : IAsyncDisposable
{
    private const string Queue = "run.r1.sum";
    private readonly ServedRun run = new(samples: 0);
    private readonly EmbeddedTransport transport = new();
    private readonly BatchCredits credits = new(1);
    private IStageRunner? runner;
    private Deliveries? told;

    public ManualClock Clock { get; } = new();

    public ServedRun Run => run;

    public static async Task<WholeStageSite> StartAsync(IRunnableKind kind, bool timesOut = false)
    {
        var site = new WholeStageSite();
        var definition = new StageDefinition("sum", kind, ["first", "second"], new NoOptions());
        var pipeline = new PipelineDefinition("p", [definition]);
        var shared = site.run.Site(pipeline, site.transport, site.credits) with { Clock = site.Clock };
        if (timesOut)
        {
            shared = shared with { Transport = new TimesOutAfterAMinute(site.transport) };
        }

        await site.transport.DeclareExchangeAsync("run.r1", CancellationToken.None);
        await site.transport.DeclareQueueAsync(Queue, "failed", QueueForm.Shared, CancellationToken.None);
        await site.transport.DeclareQueueAsync("told", "told.failed", QueueForm.Shared, CancellationToken.None);
        await site.transport.BindAsync("run.r1", "told", "event.*.sum", CancellationToken.None);
        foreach (var pattern in kind.Bindings(definition))
        {
            await site.transport.BindAsync("run.r1", Queue, pattern, CancellationToken.None);
        }

        site.told = await Deliveries.OfAsync(site.transport, "told");
        site.runner = kind.Create(new StageSite(shared, definition, new StageMeter()));
        await site.runner.StartAsync(CancellationToken.None);
        return site;
    }

    public ValueTask DrainedAsync(string stage, string content) =>
        transport.PublishAsync(
            "run.r1",
            RoutingKey.Event(nameof(StageDrained), stage),
            Envelope.Of(
                new StageDrained
                {
                    Run = "r1",
                    Stage = stage,
                    Batches = 1,
                    Rows = 1,
                    Content = content,
                }
            ),
            CancellationToken.None
        );

    /// <summary>The type of the next event of the stage.</summary>
    public async Task<string> ToldAsync() =>
        (await (told ?? throw new InvalidOperationException("The site is not started.")).NextAsync()).Message.Type;

    public int Waiting => told?.Waiting ?? 0;

    public Task<QueueDepth> DepthAsync(int ready, int unsettled) => Deliveries.DepthAsync(transport, Queue, ready, unsettled);

    public Task<QueueDepth> FailedAsync(int ready) => Deliveries.DepthAsync(transport, "failed", ready, 0);

    public async ValueTask DisposeAsync()
    {
        await (runner?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (told?.DisposeAsync() ?? ValueTask.CompletedTask);
        await transport.DisposeAsync();
        run.Dispose();
    }
}
