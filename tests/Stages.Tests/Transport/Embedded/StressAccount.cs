using System.Globalization;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport.Embedded;

/// <summary>Counts what happened to each numbered message.</summary>
internal sealed class StressAccount(int messages)
{
    private readonly int[] came = new int[messages];
    private readonly int[] fresh = new int[messages];
    private readonly int[] back = new int[messages];
    private readonly int[] failed = new int[messages];
    private readonly int[] acknowledged = new int[messages];
    private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int done;

    internal Task Complete => complete.Task;

    internal void Came(IDelivery delivery)
    {
        Interlocked.Increment(ref came[Number(delivery)]);
        if (!delivery.Redelivered)
        {
            Interlocked.Increment(ref fresh[Number(delivery)]);
        }
    }

    internal void ComesBack(IDelivery delivery) => Interlocked.Increment(ref back[Number(delivery)]);

    internal void Fails(IDelivery delivery) => Interlocked.Increment(ref failed[Number(delivery)]);

    internal void Done(IDelivery delivery)
    {
        Interlocked.Increment(ref acknowledged[Number(delivery)]);
        if (Interlocked.Increment(ref done) == messages)
        {
            complete.SetResult();
        }
    }

    /// <summary>Messages whose counts do not add up: one acknowledgement each, a delivery more than it came back or failed, fresh once a queue.</summary>
    internal IReadOnlyList<string> Wrongs() =>
        [
            .. Enumerable
                .Range(0, messages)
                .Where(number =>
                    acknowledged[number] != 1 || came[number] != 1 + back[number] + failed[number] || fresh[number] > 1 + failed[number]
                )
                .Select(number =>
                    $"{number}: came {came[number]}, fresh {fresh[number]}, back {back[number]}, failed {failed[number]}, acknowledged {acknowledged[number]}"
                ),
        ];

    private static int Number(IDelivery delivery) => int.Parse(Deliveries.Text(delivery), CultureInfo.InvariantCulture);
}
