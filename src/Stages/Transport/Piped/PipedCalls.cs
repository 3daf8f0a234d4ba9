using System.Collections.Concurrent;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Transport.Piped;

/// <summary>The parent's side: does what its child asks for over a pipe on a transport of its own.</summary>
/// <remarks>When it is disposed, its consumers are, and that gives back whatever the child had not settled, whether it ended well or died.</remarks>
/// <param name="transport">Does it.</param>
/// <param name="pipe">This end; whoever reads it calls <see cref="Take"/>.</param>
/// <param name="published">Told of each message that the child has published.</param>
internal sealed class PipedCalls(ITransport transport, PipeEnd pipe, Action<Envelope> published) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, IConsumer> consumers = [];
    private readonly ConcurrentDictionary<long, Held> unsettled = [];
    private readonly ConcurrentDictionary<long, TaskCompletionSource<DeliveryReturned?>> called = [];
    private readonly ConcurrentDictionary<long, RunningCall> running = [];
    private readonly CancellationTokenSource closing = new();
    private long last;

    /// <summary>Takes a line that the child wrote.</summary>
    public void Take(PipeLine line)
    {
        switch (line)
        {
            case PipeCall call:
                var begun = new RunningCall(CancellationTokenSource.CreateLinkedTokenSource(closing.Token));
                running[call.Id] = begun;
                _ = AnswerAsync(call, begun);
                break;
            case CallGivenUp given when running.TryGetValue(given.Id, out var call):
                call.GiveUp();
                break;
            case DeliveryReturned returned when called.TryRemove(returned.Id, out var call):
                call.TrySetResult(returned);
                break;
        }
    }

    /// <summary>Does nothing more for the child, and gives back what it had not settled.</summary>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        foreach (var call in called.Values)
        {
            call.TrySetResult(null);
        }

        await Task.WhenAll(running.Values.Select(call => call.Over.Task));
        foreach (var consumer in consumers.Values)
        {
            await consumer.DisposeAsync();
        }
    }

    private async Task AnswerAsync(PipeCall call, RunningCall begun)
    {
        CallAnswered answer;
        try
        {
            answer = await DoAsync(call, begun.Stop);
        }
        catch (Exception error)
        {
            answer = new CallAnswered(call.Id, FaultOf(error), error.Message);
        }

        running.TryRemove(call.Id, out _);
        pipe.Tell(answer);
        begun.End();
    }

    private static PipeFault FaultOf(Exception error) =>
        error switch
        {
            OperationCanceledException => PipeFault.GivenUp,
            ArgumentOutOfRangeException => PipeFault.OutOfRange,
            InvalidOperationException => PipeFault.Invalid,
            _ => TransientFault.Of(error) is null ? PipeFault.Lasting : PipeFault.Passing,
        };

    private async Task<CallAnswered> DoAsync(PipeCall call, CancellationToken stop)
    {
        switch (call)
        {
            case DeclareExchangeCall declare:
                await transport.DeclareExchangeAsync(declare.Exchange, stop);
                break;
            case DeclareQueueCall declare:
                await transport.DeclareQueueAsync(declare.Queue, declare.FailedQueue, declare.Form, stop);
                break;
            case BindCall bind:
                await transport.BindAsync(bind.Exchange, bind.Queue, bind.Pattern, stop);
                break;
            case UnbindCall unbind:
                await transport.UnbindAsync(unbind.Exchange, unbind.Queue, unbind.Pattern, stop);
                break;
            case DeleteQueueCall delete:
                await transport.DeleteQueueAsync(delete.Queue, stop);
                break;
            case DeleteExchangeCall delete:
                await transport.DeleteExchangeAsync(delete.Exchange, stop);
                break;
            case PublishCall publish:
                var message = new Envelope(publish.Type, publish.Body);
                await transport.PublishAsync(publish.Exchange, publish.Key, message, stop);
                published(message);
                break;
            case DepthCall depth:
                return new CallAnswered(call.Id, Depth: await transport.DepthAsync(depth.Queue, stop));
            case ConsumersCall of:
                return new CallAnswered(call.Id, Consumers: await transport.ConsumersAsync(of.Queue, stop));
            case ConsumeCall consume:
                await ConsumeAsync(consume, stop);
                break;
            case StopConsumerCall end when consumers.TryGetValue(end.Consumer, out var consumer):
                await consumer.StopAsync();
                foreach (var (delivery, held) in unsettled.Where(held => held.Value.Consumer == end.Consumer && held.Value.IsUncalled))
                {
                    Forget(delivery);
                    await held.Delivery.GiveBackAsync();
                }

                break;
            case EndConsumerCall end when consumers.TryRemove(end.Consumer, out var consumer):
                await consumer.DisposeAsync();
                foreach (var (delivery, _) in unsettled.Where(held => held.Value.Consumer == end.Consumer))
                {
                    Forget(delivery);
                }

                break;
            case SettleCall settle:
                await SettleAsync(settle);
                break;
        }

        return new CallAnswered(call.Id);
    }

    private async Task ConsumeAsync(ConsumeCall call, CancellationToken stop)
    {
        var consumer = await transport.ConsumeAsync(call.Queue, call.Prefetch, delivery => DeliverAsync(call.Id, delivery), stop);
        consumers[call.Id] = consumer;
    }

    /// <summary>Hands a delivery on and waits until the child's call for it has returned. It does not throw: that would fail the delivery.</summary>
    private async Task DeliverAsync(long consumer, IDelivery delivery)
    {
        var id = Interlocked.Increment(ref last);
        var returned = new TaskCompletionSource<DeliveryReturned?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = unsettled[id] = new Held(consumer, delivery, delivery.Lost.Register(() => pipe.Tell(new DeliveryLost(consumer, id))));
        called[id] = returned;
        pipe.Tell(
            new Delivered(
                consumer,
                id,
                delivery.Message.Type,
                delivery.Message.Body.ToArray(),
                delivery.RoutingKey,
                delivery.FailureReason,
                delivery.Redelivered,
                delivery.Attempts
            )
        );
        if (closing.IsCancellationRequested)
        {
            return; // given back when the consumer is disposed
        }

        if (await returned.Task is not { } call)
        {
            return;
        }

        held.IsUncalled = !call.Called; // given back when the consumer has stopped, or in its place when it is disposed
        if (call.Error is { } reason && Forget(id))
        {
            await delivery.FailAsync(reason);
        }
    }

    private async Task SettleAsync(SettleCall call)
    {
        if (!unsettled.TryGetValue(call.Delivery, out var held))
        {
            throw new InvalidOperationException("The delivery is settled; it must be settled once, before its consumer is disposed.");
        }

        await (
            call.Way switch
            {
                SettleWay.Acknowledge => held.Delivery.AcknowledgeAsync(),
                SettleWay.GiveBack => held.Delivery.GiveBackAsync(),
                SettleWay.Delay => held.Delivery.DelayAsync(TimeSpan.FromSeconds(call.WaitSeconds)),
                _ => held.Delivery.FailAsync(call.Reason),
            }
        );
        Forget(call.Delivery);
    }

    private bool Forget(long delivery)
    {
        if (!unsettled.TryRemove(delivery, out var held))
        {
            return false;
        }

        held.Losing.Unregister();
        return true;
    }

    /// <summary>A delivery that the child has.</summary>
    private sealed record Held(long Consumer, IDelivery Delivery, CancellationTokenRegistration Losing)
    {
        /// <summary>True when the child's consumer had stopped before it was called for it.</summary>
        public bool IsUncalled { get; set; }
    }

    /// <summary>A call that is not answered yet.</summary>
    private sealed class RunningCall(CancellationTokenSource stop)
    {
        private readonly Lock gate = new();
        private bool ended;

        public CancellationToken Stop { get; } = stop.Token;

        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GiveUp()
        {
            lock (gate)
            {
                if (!ended)
                {
                    stop.Cancel();
                }
            }
        }

        public void End()
        {
            lock (gate)
            {
                ended = true;
                stop.Dispose();
            }

            Over.TrySetResult();
        }
    }
}
