using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

/// <summary>A consumer that only collects: the test takes each delivery with a limit, and settles it.</summary>
internal sealed class Deliveries : IAsyncDisposable
{
    /// <summary>Far above what a broker needs; a test that reaches it has failed.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);

    private readonly Channel<IDelivery> collected = Channel.CreateBounded<IDelivery>(100_000);
    private IAsyncDisposable? consumer;

    internal static async Task<Deliveries> OfAsync(ITransport transport, string queue, int prefetch = 100)
    {
        var deliveries = new Deliveries();
        deliveries.consumer = await transport.ConsumeAsync(
            queue,
            prefetch,
            delivery => deliveries.collected.Writer.WriteAsync(delivery).AsTask(),
            CancellationToken.None
        );
        return deliveries;
    }

    internal int Waiting => collected.Reader.Count;

    internal Task<IDelivery> NextAsync() => collected.Reader.ReadAsync().AsTask().WaitAsync(Limit);

    internal async Task<IReadOnlyList<IDelivery>> NextAsync(int count)
    {
        var deliveries = new List<IDelivery>();
        while (deliveries.Count < count)
        {
            deliveries.Add(await NextAsync());
        }

        return deliveries;
    }

    public ValueTask DisposeAsync() => consumer?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal static Envelope Message(string text) => new("Text", Encoding.UTF8.GetBytes(text));

    internal static Envelope Message(int number) => Message(number.ToString(CultureInfo.InvariantCulture));

    internal static string Text(IDelivery delivery) => Encoding.UTF8.GetString(delivery.Message.Body.Span);

    internal static string[] Texts(IEnumerable<IDelivery> deliveries) => [.. deliveries.Select(Text)];

    /// <summary>Looks until a queue holds what is expected; returns what it held last.</summary>
    internal static async Task<QueueDepth> DepthAsync(ITransport transport, string queue, int ready, int unsettled)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var looks = new PeriodicTimer(BetweenLooks);
        var depth = await transport.DepthAsync(queue, CancellationToken.None);
        while (depth != new QueueDepth(ready, unsettled) && !limit.IsCancellationRequested)
        {
            await looks.WaitForNextTickAsync();
            depth = await transport.DepthAsync(queue, CancellationToken.None);
        }

        return depth;
    }
}
