using System.Globalization;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>The queues in which messages that were put aside wait: one for each time, beside the queue to which they come back.</summary>
/// <remarks>A time stands in the queue and not in the message, because a message whose time is over is seen only when it is the first of its queue.</remarks>
internal static class WaitQueues
{
    private static readonly TimeSpan[] Times = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)];

    /// <summary>The names of all that belong to a queue, and how long a message waits in each.</summary>
    internal static IEnumerable<(string Name, TimeSpan Time)> Of(string queue) => Times.Select(time => (Name(queue, time), time));

    /// <summary>The one for a wait: of the next time, or of the longest.</summary>
    internal static string For(string queue, TimeSpan wait) => Name(queue, Times.FirstOrDefault(time => time >= wait, Times[^1]));

    private static string Name(string queue, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{queue}.wait.{time.TotalSeconds}");
}
