using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Which errors of a channel are the broker's answer, and which only say that the channel is gone.</summary>
internal static class BrokerErrors
{
    /// <summary>The broker refused what was asked: the code of AMQP 0-9-1 (403 no right, 404 not there, 405 locked, 406 other properties), else null.</summary>
    internal static ushort? Refusal(Exception error) =>
        error
            is OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer, ReplyCode: >= 403 and <= 406 } reason }
            ? reason.ReplyCode
            : null;

    /// <summary>The channel or its connection is gone, or the broker did not answer: asking again may help.</summary>
    internal static bool IsPassing(Exception error) =>
        Refusal(error) is null
        && error
            is OperationInterruptedException
                or PublishException
                or IOException
                or ObjectDisposedException
                or OperationCanceledException
                or TimeoutException
                or System.Net.Sockets.SocketException
                or BrokerException;
}
