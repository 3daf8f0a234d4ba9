namespace Pipeline.Shards.Stores;

/// <summary>The store has no room for a file. Nothing of it was left behind; the run can pause and write it again.</summary>
/// <param name="uri">The file that was to be written.</param>
/// <param name="inner">What the operating system reported.</param>
public sealed class StoreFullException(string uri, Exception inner)
    : IOException($"The store has no room left for {uri}; the disk or its quota is full. Free space, then go on.", inner)
{
    private const int NoSpaceLeft = 28; // ENOSPC, errno.h on Linux and macOS
    private const int QuotaExceeded = 122; // EDQUOT, errno.h on Linux

    /// <summary>Whether an error says that the disk, or the user's share of it, is full. On Unix, .NET puts errno into HResult.</summary>
    public static bool IsFull(IOException error) => error.HResult is NoSpaceLeft or QuotaExceeded;
}
