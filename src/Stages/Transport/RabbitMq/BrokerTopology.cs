using RabbitMQ.Client;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Declares, binds, counts and deletes, each call on a channel of its own: the broker closes a channel on which it refuses something.</summary>
/// <remarks>A consumer fails a message by publishing it to <c>amq.direct</c> under the name of its queue. The failed queue is bound there under the names of the queues that
/// it serves: so any host can fail a message whoever declared its queue.</remarks>
internal sealed class BrokerTopology(BrokerConnector connector, BrokerNotices notices, IConnection first) : IAsyncDisposable
{
    /// <summary>Declared by the broker itself in every virtual host.</summary>
    internal const string FailedExchange = "amq.direct";

    /// <summary>Far above what happens to an innocent message; without one 3.x keeps no count, and 4.x takes 20.</summary>
    private const int DeliveryLimit = 100_000;

    private static readonly TimeSpan TemporaryLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim opening = new(1);
    private readonly CancellationTokenSource ended = new();
    private IConnection connection = first;

    internal Task DeclareExchangeAsync(string exchange, CancellationToken stop) =>
        AskAsync(
            async (channel, token) =>
            {
                await channel.ExchangeDeclareAsync(
                    exchange,
                    ExchangeType.Topic,
                    durable: true,
                    autoDelete: false,
                    cancellationToken: token
                );
                return true;
            },
            said => $"The exchange {exchange} is there with another form ({said}); it must be a durable topic exchange. Delete it first.",
            stop
        );

    internal async Task DeclareQueueAsync(string queue, string failedQueue, QueueForm form, CancellationToken stop)
    {
        if (await CountAsync(failedQueue, stop) is null)
        {
            await DeclareAsync(failedQueue, Quorum(), "a quorum queue", stop);
        }

        await DeclareAsync(
            queue,
            Arguments(failedQueue, form),
            $"declared as what it is, not as {form} with the failed queue {failedQueue}",
            stop
        );
        await BindAsync(FailedExchange, failedQueue, queue, stop);
        if (form == QueueForm.Shared)
        {
            foreach (var (name, time) in WaitQueues.Of(queue))
            {
                await DeclareAsync(name, Waiting(queue, time), $"one in which messages of {queue} wait for {time.TotalSeconds} s", stop);
            }
        }
    }

    internal Task BindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        AskAsync(
            async (channel, token) =>
            {
                await channel.QueueBindAsync(queue, exchange, pattern, cancellationToken: token);
                return true;
            },
            said =>
                $"The queue {queue} cannot be bound to the exchange {exchange} ({said}); both must be declared before. Declare them first.",
            stop
        );

    internal Task UnbindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        AskAsync(
            async (channel, token) =>
            {
                await channel.QueueUnbindAsync(queue, exchange, pattern, cancellationToken: token);
                return true;
            },
            refused: null,
            stop
        );

    internal Task DeleteQueueAsync(string queue, CancellationToken stop) =>
        AskAsync(
            async (channel, token) =>
            {
                // The queue first: what comes back between the two has nowhere to go and is deleted with the queue in which it waited.
                foreach (var name in WaitQueues.Of(queue).Select(wait => wait.Name).Prepend(queue))
                {
                    await channel.QueueDeleteAsync(name, ifUnused: false, ifEmpty: false, cancellationToken: token);
                }

                return true;
            },
            refused: null,
            stop
        );

    internal Task DeleteExchangeAsync(string exchange, CancellationToken stop) =>
        AskAsync(
            async (channel, token) =>
            {
                await channel.ExchangeDeleteAsync(exchange, ifUnused: false, cancellationToken: token);
                return true;
            },
            refused: null,
            stop
        );

    /// <summary>Messages that wait in a queue; null when it is not declared.</summary>
    internal Task<uint?> CountAsync(string queue, CancellationToken stop) =>
        AskAsync(async (channel, token) => (uint?)(await channel.QueueDeclarePassiveAsync(queue, token)).MessageCount, refused: null, stop);

    /// <summary>Consumers of a queue, of whatever program; null when it is not declared.</summary>
    internal Task<uint?> ConsumersAsync(string queue, CancellationToken stop) =>
        AskAsync(
            async (channel, token) => (uint?)(await channel.QueueDeclarePassiveAsync(queue, token)).ConsumerCount,
            refused: null,
            stop
        );

    internal Task<bool> IsExchangeAsync(string exchange, CancellationToken stop) =>
        AskAsync(
            async (channel, token) =>
            {
                await channel.ExchangeDeclarePassiveAsync(exchange, token);
                return true;
            },
            refused: null,
            stop
        );

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await opening.WaitAsync();
        await CloseAsync(connection);
        notices.Report(this, what: null);
    }

    private Task<bool> DeclareAsync(string queue, Dictionary<string, object?> arguments, string wanted, CancellationToken stop) =>
        AskAsync(
            async (channel, token) =>
            {
                await channel.QueueDeclareAsync(
                    queue,
                    durable: true,
                    exclusive: false,
                    autoDelete: false,
                    arguments,
                    cancellationToken: token
                );
                return true;
            },
            said => $"The queue {queue} is there with another form ({said}); it must be {wanted}. Delete it first.",
            stop
        );

    private static Dictionary<string, object?> Arguments(string failedQueue, QueueForm form)
    {
        if (form == QueueForm.Temporary)
        {
            return new(StringComparer.Ordinal) { ["x-queue-type"] = "classic", ["x-expires"] = (int)TemporaryLife.TotalMilliseconds };
        }

        var arguments = HandingOverTo(failedQueue);
        if (form == QueueForm.SingleActive)
        {
            arguments["x-single-active-consumer"] = true;
        }

        return arguments;
    }

    private static Dictionary<string, object?> Waiting(string queue, TimeSpan time)
    {
        var arguments = HandingOverTo(queue);
        arguments["x-message-ttl"] = (int)time.TotalMilliseconds;
        return arguments;
    }

    private static Dictionary<string, object?> HandingOverTo(string queue)
    {
        var arguments = Quorum();
        arguments["x-dead-letter-exchange"] = "";
        arguments["x-dead-letter-routing-key"] = queue;
        arguments["x-dead-letter-strategy"] = "at-least-once";
        arguments["x-overflow"] = "reject-publish";
        return arguments;
    }

    private static Dictionary<string, object?> Quorum() =>
        new(StringComparer.Ordinal) { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = DeliveryLimit };

    /// <summary>Asks until the broker answers. A refusal is an error when <paramref name="refused"/> words it, else the default of <typeparamref name="T"/>: what was asked about is not there.</summary>
    private async Task<T?> AskAsync<T>(
        Func<IChannel, CancellationToken, Task<T>> question,
        Func<string, string>? refused,
        CancellationToken stop
    )
    {
        ObjectDisposedException.ThrowIf(ended.IsCancellationRequested, this);
        stop.ThrowIfCancellationRequested();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, ended.Token);
        while (true)
        {
            try
            {
                var open = await OpenAsync(both.Token);
                await using var channel = await open.CreateChannelAsync(cancellationToken: both.Token);
                var answer = await question(channel, both.Token);
                notices.Report(this, what: null);
                return answer;
            }
            catch (Exception error) when (BrokerErrors.Refusal(error) is { } code)
            {
                notices.Report(this, what: null);
                return refused is null && code == Constants.NotFound
                    ? default
                    : throw new InvalidOperationException(refused?.Invoke(error.Message) ?? error.Message, error);
            }
            catch (Exception error) when (BrokerErrors.IsPassing(error) && !both.IsCancellationRequested)
            {
                notices.Report(this, error.Message);
                await Task.Delay(BetweenAttempts, CancellationToken.None);
            }
            catch (OperationCanceledException error) when (ended.IsCancellationRequested)
            {
                throw new ObjectDisposedException("The transport was disposed while it asked the broker.", error);
            }
        }
    }

    private async Task<IConnection> OpenAsync(CancellationToken stop)
    {
        if (connection.IsOpen)
        {
            return connection;
        }

        await opening.WaitAsync(stop);
        try
        {
            if (!connection.IsOpen)
            {
                await CloseAsync(connection);
                connection = await connector.OpenAsync("declare", stop);
            }

            return connection;
        }
        finally
        {
            opening.Release();
        }
    }

    private static async Task CloseAsync(IConnection connection)
    {
        try
        {
            await connection.CloseAsync();
        }
        catch (Exception error) when (BrokerErrors.IsPassing(error))
        {
            // It is closed then.
        }

        await connection.DisposeAsync();
    }
}
