namespace Pipeline.Models.Hub.Download;

/// <summary>The hub does not give what was asked for, or not as it must. Written for a person; no token is in it.</summary>
/// <param name="message">What was found, what it must be, and what to do.</param>
/// <param name="inner">What lies beneath; null for nothing.</param>
public sealed class HubException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The hub could not answer now; asking again may help.</summary>
/// <param name="message">What happened.</param>
/// <param name="after">When the hub wants to be asked again; null when it does not say.</param>
/// <param name="inner">What lies beneath.</param>
internal sealed class HubBusyException(string message, TimeSpan? after = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>When the hub wants to be asked again; null when it does not say.</summary>
    public TimeSpan? After => after;
}
