using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Stages.Transport.Piped;

/// <summary>What the two ends of a pipe say to each other: each is one line of JSON, and says first which one it is.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(DeclareExchangeCall), "declareExchange")]
[JsonDerivedType(typeof(DeclareQueueCall), "declareQueue")]
[JsonDerivedType(typeof(BindCall), "bind")]
[JsonDerivedType(typeof(UnbindCall), "unbind")]
[JsonDerivedType(typeof(DeleteQueueCall), "deleteQueue")]
[JsonDerivedType(typeof(DeleteExchangeCall), "deleteExchange")]
[JsonDerivedType(typeof(PublishCall), "publish")]
[JsonDerivedType(typeof(DepthCall), "depth")]
[JsonDerivedType(typeof(ConsumersCall), "consumers")]
[JsonDerivedType(typeof(ConsumeCall), "consume")]
[JsonDerivedType(typeof(StopConsumerCall), "stopConsumer")]
[JsonDerivedType(typeof(EndConsumerCall), "endConsumer")]
[JsonDerivedType(typeof(SettleCall), "settle")]
[JsonDerivedType(typeof(CallGivenUp), "giveUp")]
[JsonDerivedType(typeof(CallAnswered), "answer")]
[JsonDerivedType(typeof(Delivered), "deliver")]
[JsonDerivedType(typeof(DeliveryReturned), "return")]
[JsonDerivedType(typeof(DeliveryLost), "lost")]
[JsonDerivedType(typeof(PipeNote), "note")]
internal abstract record PipeLine;

/// <summary>Asks for a method of <see cref="ITransport"/>; a <see cref="CallAnswered"/> follows.</summary>
/// <param name="Id">Counts the calls.</param>
internal abstract record PipeCall(long Id) : PipeLine;

internal sealed record DeclareExchangeCall(long Id, string Exchange) : PipeCall(Id);

internal sealed record DeclareQueueCall(long Id, string Queue, string FailedQueue, QueueForm Form) : PipeCall(Id);

internal sealed record BindCall(long Id, string Exchange, string Queue, string Pattern) : PipeCall(Id);

internal sealed record UnbindCall(long Id, string Exchange, string Queue, string Pattern) : PipeCall(Id);

internal sealed record DeleteQueueCall(long Id, string Queue) : PipeCall(Id);

internal sealed record DeleteExchangeCall(long Id, string Exchange) : PipeCall(Id);

internal sealed record PublishCall(long Id, string Exchange, string Key, string Type, byte[] Body) : PipeCall(Id);

internal sealed record DepthCall(long Id, string Queue) : PipeCall(Id);

internal sealed record ConsumersCall(long Id, string Queue) : PipeCall(Id);

/// <summary>Consumes; the consumer is known by the id of this call.</summary>
internal sealed record ConsumeCall(long Id, string Queue, int Prefetch) : PipeCall(Id);

internal sealed record StopConsumerCall(long Id, long Consumer) : PipeCall(Id);

internal sealed record EndConsumerCall(long Id, long Consumer) : PipeCall(Id);

/// <summary>Settles a delivery.</summary>
/// <param name="Id">Of the call.</param>
/// <param name="Delivery">Id of the delivery.</param>
/// <param name="Way">How.</param>
/// <param name="WaitSeconds">For which it is put aside.</param>
/// <param name="Reason">Why it fails.</param>
internal sealed record SettleCall(long Id, long Delivery, SettleWay Way, double WaitSeconds = 0, string Reason = "") : PipeCall(Id);

/// <summary>The methods of <see cref="IDelivery"/>.</summary>
internal enum SettleWay
{
    Acknowledge,
    GiveBack,
    Delay,
    Fail,
}

/// <summary>Whoever called waits no more: the call is ended early, and answered.</summary>
internal sealed record CallGivenUp(long Id) : PipeLine;

/// <summary>How a call ended.</summary>
/// <param name="Id">Of the call.</param>
/// <param name="Fault">What went wrong; null when nothing did.</param>
/// <param name="Message">What is said of it.</param>
/// <param name="Depth">What <see cref="DepthCall"/> asked for.</param>
/// <param name="Consumers">What <see cref="ConsumersCall"/> asked for.</param>
internal sealed record CallAnswered(long Id, PipeFault? Fault = null, string Message = "", QueueDepth Depth = default, int Consumers = 0)
    : PipeLine;

/// <summary>The errors that <see cref="ITransport"/> names, and the others by whether they pass.</summary>
internal enum PipeFault
{
    Invalid,
    OutOfRange,
    GivenUp,
    Passing,
    Lasting,
}

/// <summary>A delivery for a consumer, which has no other until it is <see cref="DeliveryReturned"/>.</summary>
internal sealed record Delivered(
    long Consumer,
    long Id,
    string Type,
    byte[] Body,
    string Key,
    string? Reason,
    bool Redelivered,
    int Attempts
) : PipeLine;

/// <summary>The consumer's call for a delivery has ended.</summary>
/// <param name="Id">Of the delivery.</param>
/// <param name="Called">False when it had been stopped before.</param>
/// <param name="Error">What the call threw; null when it ended well.</param>
internal sealed record DeliveryReturned(long Id, bool Called, string? Error = null) : PipeLine;

/// <summary>The connection that brought a delivery is gone.</summary>
internal sealed record DeliveryLost(long Consumer, long Id) : PipeLine;

/// <summary>What is no matter of the transport.</summary>
/// <param name="Name">Which it is.</param>
/// <param name="Value">What it holds.</param>
internal sealed record PipeNote(string Name, JsonElement Value) : PipeLine;
