using System.IO.Hashing;
using System.Text;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Ingest;

/// <summary>What is known of a file as long as its size and time stay.</summary>
/// <param name="Content">XxHash128 of the encoded bytes.</param>
/// <param name="Width">Pixels in a row, upright; 0 if the header could not be read.</param>
/// <param name="Height">Rows, upright; 0 if the header could not be read.</param>
/// <param name="Rejected">Why its bytes are no sample, or null.</param>
public sealed record IndexedSample(UInt128 Content, int Width, int Height, Rejected? Rejected);

/// <summary>Remembers samples by uri, size and modification time in one file, so that an unchanged file is not read again.</summary>
/// <remarks>
/// The file is only ever appended to; the last record of a uri counts. It can be deleted at any time: then all samples are read again. Reading
/// stops at the first record that is torn or damaged; what follows it is cut off, and those samples are read again. What is noted is found
/// after the index is opened the next time. All members may be called from several threads. One index at a time writes the file; one that is
/// opened beside it, as by a host that takes a run over from one that hangs, knows nothing and forgets what it is told.
/// A full disk stops nothing: what finds no room is forgotten.
/// </remarks>
public sealed class SourceIndex : IDisposable
{
    private readonly Dictionary<UInt128, IndexRecord> known;
    private readonly Stream file;
    private readonly Lock gate = new();

    private SourceIndex(Dictionary<UInt128, IndexRecord> records, Stream stream) => (known, file) = (records, stream);

    /// <summary>Uris that are known.</summary>
    public int Count => known.Count;

    /// <summary>Bytes that were cut off the end because they were no whole record; 0 after a clean stop.</summary>
    public long DroppedBytes { get; private init; }

    /// <summary>Reads the file, or begins one; about 100 bytes of memory a uri.</summary>
    /// <param name="path">The file; its folder is made.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public static SourceIndex Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".");
        var stream = OpenFile(path);
        try
        {
            var records = new Dictionary<UInt128, IndexRecord>((int)(stream.Length / IndexRecord.FixedBytes));
            var end = IndexRecord.ReadAll(stream, records);
            if (!stream.CanWrite)
            {
                return new(records, stream);
            }

            var dropped = stream.Length - end;
            stream.SetLength(end);
            stream.Position = end;
            return new(records, stream) { DroppedBytes = dropped };
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>What is known of this file at this size and time; null if it is new or changed.</summary>
    public IndexedSample? Find(SourceEntry entry) =>
        known.TryGetValue(Key(entry.Uri), out var record) && record.Size == entry.Size && record.ModifiedTicks == entry.ModifiedTicks
            ? record.Sample
            : null;

    /// <summary>Remembers a file for the next time; what is known already is not written again.</summary>
    public void Note(SourceEntry entry, IndexedSample sample)
    {
        if (Find(entry) == sample || !file.CanWrite)
            return;
        var bytes = IndexRecord.Of(entry, sample).ToBytes(Key(entry.Uri));
        Write(() => file.Write(bytes));
    }

    /// <summary>Hands what was noted to the system: a later end of the process does not lose it.</summary>
    public void Flush() => Write(file.Flush);

    /// <inheritdoc/>
    public void Dispose() => Write(file.Dispose);

    private static Stream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process holds it, and .NET opens no file that another has locked, not even to read it.
            return new MemoryStream([], writable: false);
        }
    }

    private void Write(Action write)
    {
        lock (gate)
        {
            try
            {
                write();
            }
            catch (IOException full) when (StoreFullException.IsFull(full))
            {
                // Samples that are not remembered are read again the next time.
            }
        }
    }

    private static UInt128 Key(string uri)
    {
        Span<byte> bytes = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(uri, bytes, out var count)
            ? XxHash128.HashToUInt128(bytes[..count])
            : XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(uri));
    }
}
