using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>A channel that MassTransit opened, and the news of its end.</summary>
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

    /// <summary>Cancelled when the channel is closed by anybody but <see cref="Dispose"/>'s caller.</summary>
    internal CancellationToken Lost { get; }

    /// <summary>Ends with the channel.</summary>
    internal Task Gone => gone.Task;

    /// <summary>Cancels <see cref="Lost"/>: what came through the channel is the broker's again.</summary>
    internal Task LoseAsync() => lost.CancelAsync();

    /// <summary>Nobody waits for it any more; whoever uses it goes on with the next one.</summary>
    internal void Abandon()
    {
        gone.TrySetResult();
        _ = Channel.AbortAsync();
    }

    public void Dispose() => Channel.ChannelShutdownAsync -= EndAsync;

    private Task EndAsync(object sender, ShutdownEventArgs reason)
    {
        gone.TrySetResult();
        return Task.CompletedTask;
    }
}
