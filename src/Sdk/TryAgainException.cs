using System.Net;

namespace Pipeline.Sdk;

/// <summary>Says that a call failed for a reason that passes, such as a service that is busy: its batches are tried again later, and no sample is guilty.</summary>
/// <param name="message">What was found; kept with the batch when it fails at last.</param>
/// <param name="after">How long the service asked to wait; null when it did not say.</param>
/// <param name="inner">The error behind it.</param>
public sealed class TryAgainException(string message, TimeSpan? after = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the service asked to wait; null when it did not say.</summary>
    public TimeSpan? After => after;

    /// <summary>Whether a service that answers so may answer otherwise later: 408, 425, 429 and 500 or more.</summary>
    public static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 425 or 429 or >= 500;

    /// <summary>The error to throw for an answer that <see cref="IsPassing"/>, with its Retry-After (RFC 9110, 10.2.3); null for others.</summary>
    public static TryAgainException? Of(HttpResponseMessage response, TimeProvider clock) =>
        IsPassing(response.StatusCode)
            ? new TryAgainException(
                $"{response.RequestMessage?.RequestUri?.Host ?? "The service"} answers with status {(int)response.StatusCode}; it must be 200.",
                response.Headers.RetryAfter switch
                {
                    { Delta: { } delta } => delta,
                    { Date: { } date } => date > clock.GetUtcNow() ? date - clock.GetUtcNow() : TimeSpan.Zero,
                    _ => null,
                }
            )
            : null;
}
