using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>A channel, and the news of its end.</summary>
/// <remarks>It is closed and never disposed: all that disposing frees is the collector's anyway, and while the end of a channel is still being told
/// to its consumers, disposing it ends the connection.</remarks>
internal sealed class OpenChannel : IDisposable
{
    private readonly CancellationTokenSource lost = new();
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal OpenChannel(IChannel channel)
    {
        Channel = channel;
        Lost = lost.Token;
        channel.ChannelShutdownAsync += EndAsync;
        if (channel.IsClosed)
        {
            gone.TrySetResult();
        }
    }

    internal IChannel Channel { get; }

    /// <summary>Cancelled by <see cref="LoseAsync"/>.</summary>
    internal CancellationToken Lost { get; }

    /// <summary>Ends with the channel.</summary>
    internal Task Gone => gone.Task;

    /// <summary>Cancels <see cref="Lost"/>: what came through the channel is the broker's again.</summary>
    internal Task LoseAsync() => lost.CancelAsync();

    /// <summary>Closes it; returns when it is closed, whoever did it. What then remains to be told within the client is not waited for.</summary>
    internal Task CloseAsync() => Task.WhenAny(IgnoreLossAsync(() => Channel.CloseAsync()), gone.Task);

    /// <summary>Nobody waits for it any more; whoever uses it goes on with the next one.</summary>
    internal void Abandon()
    {
        gone.TrySetResult();
        _ = Channel.AbortAsync();
    }

    /// <summary>Hears no more of the channel.</summary>
    public void Dispose() => Channel.ChannelShutdownAsync -= EndAsync;

    /// <summary>Does what has no meaning any more when the channel is gone, for then the broker has what it brought.</summary>
    internal static async Task IgnoreLossAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception error) when (BrokerErrors.IsPassing(error) || BrokerErrors.Refusal(error) is not null)
        {
            // The channel is gone.
        }
    }

    private Task EndAsync(object sender, ShutdownEventArgs reason)
    {
        gone.TrySetResult();
        return Task.CompletedTask;
    }
}
