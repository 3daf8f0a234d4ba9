using System.Security.Cryptography;

namespace Pipeline.Shards.Stores;

/// <summary>A store that is a folder of this machine, or one that several machines share.</summary>
/// <remarks>
/// A file is written under <c>.{name}.tmp-{random}</c> beside its place and then renamed. Calls do their work before they return: a local
/// file has no asynchronous read or write that would free a thread. There is no fsync: a power failure may leave a file short, which its
/// reader sees.
/// </remarks>
/// <param name="root">The folder; made when something is first written.</param>
/// <param name="at">Called at each <see cref="StorePoint"/> of a write, for crash tests.</param>
public sealed class FolderStore(string root, Action<StorePoint, string>? at = null) : IShardStore
{
    private const int StreamBufferBytes = 64 * 1024; // small writes of an encoder are gathered; large ones pass by
    private const FileShare Unlocked = FileShare.ReadWrite | FileShare.Delete; // no flock: names appear whole, so no reader meets a writer

    private readonly string root = Path.GetFullPath(root);

    /// <summary>The folder, as an absolute path; never written into a file.</summary>
    public string Root => root;

    /// <inheritdoc/>
    public Task WriteAsync(string uri, Func<Stream, Task> write, CancellationToken stop = default) =>
        WriteAsync(uri, write, StreamBufferBytes, stop);

    /// <inheritdoc/>
    public Task WriteAsync(string uri, ReadOnlyMemory<byte> bytes, CancellationToken stop = default) =>
        WriteAsync(uri, stream => WriteWhole(stream, bytes), bufferBytes: 0, stop);

    /// <inheritdoc/>
    /// <remarks>By a hard link.</remarks>
    public Task<bool> TryNameAsync(string uri, string name, CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? root);
        return Task.FromResult(HardLink.TryMake(PathOf(uri), path));
    }

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string uri, CancellationToken stop = default) => Task.FromResult<Stream>(Open(uri, stop));

    /// <inheritdoc/>
    public Task<byte[]> ReadAllAsync(string uri, CancellationToken stop = default)
    {
        using var stream = Open(uri, stop);
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)stream.Length));
        stream.ReadExactly(bytes);
        return Task.FromResult(bytes);
    }

    /// <inheritdoc/>
    public Task<StoreTail?> ReadTailAsync(string uri, int bytes, CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        var path = PathOf(uri);
        if (!File.Exists(path))
            return Task.FromResult<StoreTail?>(null);
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, Unlocked);
        var length = RandomAccess.GetLength(handle);
        var tail = GC.AllocateUninitializedArray<byte>((int)Math.Min(bytes, length));
        var read = FileRange.Read(handle, tail, length - tail.Length);
        return Task.FromResult<StoreTail?>(new StoreTail(length, tail.AsMemory(0, read)));
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string uri, CancellationToken stop = default) => Task.FromResult(File.Exists(PathOf(uri)));

    /// <inheritdoc/>
    public Task<StoreStat?> StatAsync(string uri, CancellationToken stop = default)
    {
        var file = new FileInfo(PathOf(uri));
        return Task.FromResult<StoreStat?>(file.Exists ? new StoreStat(file.Length, new DateTimeOffset(file.LastWriteTimeUtc)) : null);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken stop = default)
    {
        var uris = Walk(prefix, temporary: false, stop).Where(uri => uri.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        Array.Sort(uris, StringComparer.Ordinal);
        return Task.FromResult<IReadOnlyList<string>>(uris);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string uri, CancellationToken stop = default)
    {
        var path = PathOf(uri);
        if (File.Exists(path))
            File.Delete(path);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<int> SweepAsync(string prefix, DateTimeOffset before, CancellationToken stop = default)
    {
        var removed = 0;
        foreach (var uri in Walk(prefix, temporary: true, stop))
        {
            var path = Path.Combine(root, uri);
            if (File.GetLastWriteTimeUtc(path) >= before.UtcDateTime)
                continue;
            File.Delete(path);
            removed++;
        }

        return Task.FromResult(removed);
    }

    private async Task WriteAsync(string uri, Func<Stream, Task> write, int bufferBytes, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var path = PathOf(uri);
        var temporary = Path.Combine(Path.GetDirectoryName(path) ?? root, StoreUri.Temporary(Path.GetFileName(path), Suffix()));
        at?.Invoke(StorePoint.BeforeTemporary, uri);
        try
        {
            await using (var stream = Create(temporary, bufferBytes))
                await write(stream);
            at?.Invoke(StorePoint.AfterTemporary, uri);
            stop.ThrowIfCancellationRequested();
            at?.Invoke(StorePoint.BeforeRename, uri);
            File.Move(temporary, path, overwrite: true);
            at?.Invoke(StorePoint.AfterRename, uri);
        }
        catch (Exception error)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            if (error is IOException io && StoreFullException.IsFull(io))
                throw new StoreFullException(uri, error);
            throw;
        }
    }

    private static Task WriteWhole(Stream stream, ReadOnlyMemory<byte> bytes)
    {
        stream.Write(bytes.Span);
        return Task.CompletedTask;
    }

    /// <summary>Two writers of one file, on one machine or on two, must not meet in one temporary file.</summary>
    private static string Suffix() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    private static LocalFile Create(string path, int bufferBytes)
    {
        try
        {
            return new LocalFile(new FileStream(path, FileMode.CreateNew, FileAccess.Write, Unlocked, bufferBytes));
        }
        catch (IOException error) when (error is DirectoryNotFoundException or FileNotFoundException) // the latter if another makes the folder just now
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? path);
            return new LocalFile(new FileStream(path, FileMode.CreateNew, FileAccess.Write, Unlocked, bufferBytes));
        }
    }

    private LocalFile Open(string uri, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var path = PathOf(uri);
        return File.Exists(path)
            ? new LocalFile(new FileStream(path, FileMode.Open, FileAccess.Read, Unlocked, bufferSize: 0))
            : throw new FileNotFoundException(
                $"{uri} is not in the store; it must be written before it is read. Check the run and the stage.",
                uri
            );
    }

    private IEnumerable<string> Walk(string prefix, bool temporary, CancellationToken stop)
    {
        var folder = Path.Combine(root, StoreUri.CheckPrefix(prefix)[..(prefix.LastIndexOf('/') + 1)]);
        if (!Directory.Exists(folder))
            yield break;
        foreach (
            var path in Directory.EnumerateFiles(
                folder,
                "*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }
            )
        )
        {
            stop.ThrowIfCancellationRequested();
            if (StoreUri.IsTemporary(Path.GetFileName(path.AsSpan())) == temporary)
                yield return Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
        }
    }

    private string PathOf(string uri) => Path.Combine(root, StoreUri.Check(uri));
}
