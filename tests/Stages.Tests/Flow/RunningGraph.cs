using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A graph and the consumer that feeds it, ended in the order of a run: the graph first.</summary>
internal sealed class RunningGraph(StageGraph<WordInput, string, string, ShoutedRow> graph) : IAsyncDisposable
{
    private IAsyncDisposable? consumer;

    public static async Task<RunningGraph> StartAsync(Shout stage, FlowContext context, FlowOptions options, ITransport transport)
    {
        var graph = new StageGraph<WordInput, string, string, ShoutedRow>(stage, context, options);
        var running = new RunningGraph(graph);
        running.consumer = await transport.ConsumeAsync(FlowSite.Queue, options.Prefetch, graph.AcceptAsync, CancellationToken.None);
        return running;
    }

    public async Task StopGraphAsync() => await graph.DisposeAsync();

    public async Task StopConsumerAsync()
    {
        if (consumer is not null)
        {
            await consumer.DisposeAsync();
            consumer = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (consumer is not null)
        {
            await graph.DisposeAsync();
            await StopConsumerAsync();
        }
    }
}
