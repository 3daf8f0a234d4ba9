namespace Pipeline.Shards.Stores;

/// <summary>Where shards lie: named byte sequences that appear whole or not at all.</summary>
/// <remarks>
/// A uri is relative, with <c>/</c> between its parts, as <see cref="StoreUri"/> checks. Reading what is not there gives a
/// <see cref="FileNotFoundException"/> that names it, unless said otherwise. All members may be called from many threads.
/// </remarks>
public interface IShardStore
{
    /// <summary>Writes a file in one step for every reader; replaces an older one. The stream is writable and can seek.</summary>
    /// <exception cref="StoreFullException">There is no room; nothing is left behind.</exception>
    Task WriteAsync(string uri, Func<Stream, Task> write, CancellationToken stop = default);

    /// <summary>Writes a file in one step for every reader; replaces an older one.</summary>
    /// <exception cref="StoreFullException">There is no room; nothing is left behind.</exception>
    Task WriteAsync(string uri, ReadOnlyMemory<byte> bytes, CancellationToken stop = default);

    /// <summary>Gives a file's contents a second name, only where that is free: of several who try at one time, on one machine or on several, one does.</summary>
    /// <param name="uri">A file that is never written again; it takes up to <see cref="MostNames"/> names.</param>
    /// <param name="name">The second name.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <returns>False when the name is taken; what has it stays as it is.</returns>
    /// <exception cref="StoreFullException">There is no room.</exception>
    Task<bool> TryNameAsync(string uri, string name, CancellationToken stop = default);

    /// <summary>Names that one file may be given; ext4 takes 65,000.</summary>
    const int MostNames = 50_000;

    /// <summary>Opens a file; the stream can seek, and the caller disposes it.</summary>
    Task<Stream> OpenReadAsync(string uri, CancellationToken stop = default);

    /// <summary>Reads a whole file.</summary>
    Task<byte[]> ReadAllAsync(string uri, CancellationToken stop = default);

    /// <summary>Reads the end of a file, at most <paramref name="bytes"/> long; null if it is not there.</summary>
    Task<StoreTail?> ReadTailAsync(string uri, int bytes, CancellationToken stop = default);

    /// <summary>Whether the file is there, whole.</summary>
    Task<bool> ExistsAsync(string uri, CancellationToken stop = default);

    /// <summary>Length and last write; null if it is not there.</summary>
    Task<StoreStat?> StatAsync(string uri, CancellationToken stop = default);

    /// <summary>The uris that begin with <paramref name="prefix"/>, in ordinal order, without temporary files.</summary>
    Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken stop = default);

    /// <summary>Removes a file; one that is not there is no error.</summary>
    Task DeleteAsync(string uri, CancellationToken stop = default);

    /// <summary>Removes temporary files that a killed process left, last written before <paramref name="before"/>; gives their number.</summary>
    /// <param name="prefix">Its part up to the last <c>/</c> is the folder that is swept, with all below; empty sweeps the store.</param>
    /// <param name="before">Earlier than any write that may still be under way.</param>
    /// <param name="stop">Ends the sweep; what was removed stays removed.</param>
    Task<int> SweepAsync(string prefix, DateTimeOffset before, CancellationToken stop = default);
}

/// <summary>The end of a file.</summary>
/// <param name="Length">Length of the whole file in bytes.</param>
/// <param name="Bytes">Its last bytes; all of them if the file is no longer than what was asked for.</param>
public sealed record StoreTail(long Length, ReadOnlyMemory<byte> Bytes);

/// <summary>Size and age of a file.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="LastWrite">By the clock of whoever keeps the file.</param>
public sealed record StoreStat(long Length, DateTimeOffset LastWrite);

/// <summary>Moments of a write at which a crash test may end the process.</summary>
public enum StorePoint
{
    /// <summary>Nothing is written.</summary>
    BeforeTemporary,

    /// <summary>The temporary file is whole and closed.</summary>
    AfterTemporary,

    /// <summary>As before, the next step being the rename.</summary>
    BeforeRename,

    /// <summary>The file has its name.</summary>
    AfterRename,
}
