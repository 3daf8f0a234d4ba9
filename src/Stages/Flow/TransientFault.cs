using System.IO.Hashing;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using Pipeline.Sdk;
using Pipeline.Stages.Transport.RabbitMq;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Stages.Flow;

/// <summary>What passes by itself.</summary>
public enum TransientKind
{
    /// <summary>Files could not be read or written; one that is not there is no such fault.</summary>
    Store,

    /// <summary>The broker could not be reached.</summary>
    Broker,

    /// <summary>A service could not be reached or is busy: HTTP 408, 425, 429, 500 or more.</summary>
    Service,

    /// <summary>Something took too long.</summary>
    TimeOut,

    /// <summary>Memory of the processor or a device was lacking for one item alone.</summary>
    Memory,
}

/// <summary>A fault that passes by itself: how long to wait before it is tried again, and how often.</summary>
/// <remarks>Exponential, and times a draw from 0.5 to 1, so that what failed together does not come back together. The draw is a hash of what is
/// tried and the attempt. A wait that a service asked for is never cut short.</remarks>
/// <param name="Kind">What it is.</param>
/// <param name="RetryAfter">What the service asked for; null when it did not.</param>
public sealed record TransientFault(TransientKind Kind, TimeSpan? RetryAfter = null)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstAside = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestAside = TimeSpan.FromMinutes(5);

    /// <summary>How often a batch is put aside for it before it fails; in all about a quarter of an hour, for a service three quarters.</summary>
    public int MostAttempts =>
        Kind switch
        {
            TransientKind.Service => 10,
            TransientKind.TimeOut or TransientKind.Memory => 4,
            _ => 5,
        };

    /// <summary>The fault behind an error; null when trying again would not help.</summary>
    public static TransientFault? Of(Exception error)
    {
        if (MemoryErrors.IsOne(error))
        {
            return new TransientFault(TransientKind.Memory);
        }

        for (var one = error; one is not null; one = one.InnerException)
        {
            switch (one)
            {
                case TryAgainException busy:
                    return new TransientFault(TransientKind.Service, busy.After);
                case HttpRequestException { StatusCode: { } status } when !TryAgainException.IsPassing(status):
                    return null;
                case HttpRequestException or HttpIOException or SocketException:
                    return new TransientFault(TransientKind.Service);
                case TimeoutException:
                    return new TransientFault(TransientKind.TimeOut);
                case BrokerException or RabbitMQClientException or BrokerUnreachableException:
                    return BrokerErrors.Refusal(one) is null ? new TransientFault(TransientKind.Broker) : null;
                case FileNotFoundException or DirectoryNotFoundException or PathTooLongException or EndOfStreamException:
                    return null;
                case IOException:
                    return new TransientFault(TransientKind.Store);
            }
        }

        return null;
    }

    /// <summary>Before it is tried again where it happened: 0.1 s and twice as long each time.</summary>
    /// <param name="attempt">From 0.</param>
    /// <param name="key">What is tried.</param>
    public TimeSpan InPlace(int attempt, string key) => NotBefore(First * Math.Pow(2, attempt) * Draw(key, attempt));

    /// <summary>For which the batch is put aside: 10 s, five times as long each time, up to 5 minutes.</summary>
    /// <param name="attempts">How often it was put aside before.</param>
    /// <param name="key">What is tried.</param>
    public TimeSpan Aside(int attempts, string key)
    {
        var wait = FirstAside * Math.Pow(5, Math.Min(attempts, 8));
        return NotBefore((wait < LongestAside ? wait : LongestAside) * Draw(key, attempts));
    }

    private TimeSpan NotBefore(TimeSpan wait) => RetryAfter > wait ? RetryAfter.Value : wait;

    private static double Draw(string key, int attempt) =>
        0.5 + ((XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key), attempt) >> 11) * Math.Pow(2, -54));
}
