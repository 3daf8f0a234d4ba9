using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Models.Weights.PyTorch;

/// <summary>Reads the directory of a zip file and checks it against the file before any record is looked at.</summary>
/// <remarks>
/// PKWARE APPNOTE 6.3.9, sections 4.3 and 4.5.3 (64-bit sizes, which torch.save always writes). Only what torch.save writes is taken: records that
/// are stored (so that nothing can unfold to more than it is), not encrypted, on one disk, none over another.
/// </remarks>
internal static class ZipDirectory
{
    private const int EndBytes = 22;
    private const int LocatorBytes = 20;
    private const int BigEndBytes = 56;
    private const int EntryBytes = 46;
    private const int LocalBytes = 30;
    private const int MostDirectoryBytes = 32 << 20;
    private const uint Saturated = 0xFFFF_FFFF;

    /// <summary>Every record by name.</summary>
    /// <exception cref="InvalidDataException">The directory is missing, or a record breaks one of the rules above.</exception>
    public static Dictionary<string, StoredRecord> Read(CheckpointFile file)
    {
        var (begin, length, count, end) = Find(file);
        if (length > MostDirectoryBytes || begin < 0 || length < 0 || begin > end - length || count > length / EntryBytes || count < 0)
        {
            throw file.Broken(
                "the zip directory",
                $"{count} records in {length} bytes from byte {begin}",
                $"at most {MostDirectoryBytes} bytes that end before byte {end}"
            );
        }

        var directory = file.Read(begin, (int)length);
        var records = new Dictionary<string, StoredRecord>((int)count, StringComparer.Ordinal);
        var spans = new List<(long Begin, long End, string Name)>((int)count);
        var at = 0;
        for (var number = 0L; number < count; number++)
        {
            var (record, header, next) = Entry(file, directory, at, begin);
            at = next;
            spans.Add((header, record.Begin + record.Length, record.Name));
            if (!records.TryAdd(record.Name, record))
            {
                throw file.Broken($"record {CheckpointFile.Shown(record.Name)}", "listed twice", "listed once");
            }
        }

        CheckOverlaps(file, spans);
        return records;
    }

    /// <summary>Where the directory begins, its bytes, its records, and where the first end mark stands.</summary>
    private static (long Begin, long Length, long Count, long End) Find(CheckpointFile file)
    {
        var tail = file.Read(Math.Max(0, file.Length - EndBytes - ushort.MaxValue), (int)Math.Min(file.Length, EndBytes + ushort.MaxValue));
        var at = tail.Length - EndBytes;
        while (at >= 0 && !(Is(tail, at, 5, 6) && at + EndBytes + U16(tail, at + 20) == tail.Length))
        {
            at--;
        }

        if (at < 0)
        {
            throw file.Broken("the zip directory", "missing", "at the end of the file (was the file cut?)");
        }

        var end = file.Length - tail.Length + at;
        var classic = (Begin: (long)U32(tail, at + 16), Length: (long)U32(tail, at + 12), Count: (long)U16(tail, at + 10));
        if (end < LocatorBytes || file.Read(end - LocatorBytes, LocatorBytes) is not [(byte)'P', (byte)'K', 6, 7, ..] locator)
        {
            return (classic.Begin, classic.Length, classic.Count, end);
        }

        var bigEnd = (long)U64(locator, 8);
        if (
            bigEnd < 0
            || bigEnd > end - LocatorBytes - BigEndBytes
            || file.Read(bigEnd, BigEndBytes) is not [(byte)'P', (byte)'K', 6, 6, ..] big
        )
        {
            throw file.Broken("the zip directory", $"said to end at byte {bigEnd}", "marked there as a zip64 directory");
        }

        var wide = (Begin: (long)U64(big, 48), Length: (long)U64(big, 40), Count: (long)U64(big, 32));
        return
            Agrees(classic.Begin, wide.Begin, Saturated)
            && Agrees(classic.Length, wide.Length, Saturated)
            && Agrees(classic.Count, wide.Count, ushort.MaxValue)
            ? (wide.Begin, wide.Length, wide.Count, bigEnd)
            : throw file.Broken("the zip directory", $"{classic} by one end mark and {wide} by the other", "the same by both");
    }

    private static (StoredRecord Record, long Header, int Next) Entry(CheckpointFile file, byte[] directory, int at, long directoryBegin)
    {
        if (at + EntryBytes > directory.Length || !Is(directory, at, 1, 2))
        {
            throw file.Broken("the zip directory", $"without a record at its byte {at}", "as many records as it says");
        }

        var (nameBytes, extraBytes, commentBytes) = (U16(directory, at + 28), U16(directory, at + 30), U16(directory, at + 32));
        var next = at + EntryBytes + nameBytes + extraBytes + commentBytes;
        if (next > directory.Length)
        {
            throw file.Broken("the zip directory", $"cut in the record at its byte {at}", "as long as it says");
        }

        var rawName = directory.AsSpan(at + EntryBytes, nameBytes);
        var name = Encoding.Latin1.GetString(rawName);
        var what = $"record {CheckpointFile.Shown(name)}";
        var (flags, method) = (U16(directory, at + 8), U16(directory, at + 10));
        if (method != 0 || (flags & 1) != 0)
        {
            throw file.Broken(
                what,
                (flags & 1) != 0 ? "encrypted" : $"compressed (method {method})",
                "stored as it is, as torch.save does"
            );
        }

        var (packed, plain, header) = Sizes(file, what, directory, at, directory.AsSpan(at + EntryBytes + nameBytes, extraBytes));
        if (packed != plain || plain < 0 || header < 0 || header > directoryBegin - LocalBytes)
        {
            throw file.Broken(
                what,
                $"{packed} bytes for {plain} bytes, with its header at byte {header}",
                $"as long as it is stored, before the directory at byte {directoryBegin}"
            );
        }

        var local = file.Read(header, LocalBytes);
        var begin = header + LocalBytes + U16(local, 26) + U16(local, 28);
        if (
            !Is(local, 0, 3, 4)
            || U16(local, 8) != 0
            || U16(local, 26) != nameBytes
            || begin > directoryBegin - plain
            || !file.Read(header + LocalBytes, nameBytes).AsSpan().SequenceEqual(rawName)
        )
        {
            throw file.Broken(
                what,
                $"not what stands at byte {header}",
                $"a stored record of that name and {plain} bytes, before the directory"
            );
        }

        return (new StoredRecord(name, begin, plain, U32(directory, at + 16)), header, next);
    }

    /// <summary>The 32-bit sizes and offset, or those of the 64-bit field where they are full.</summary>
    private static (long Packed, long Plain, long Header) Sizes(
        CheckpointFile file,
        string what,
        byte[] directory,
        int at,
        ReadOnlySpan<byte> extra
    )
    {
        long packed = U32(directory, at + 20),
            plain = U32(directory, at + 24),
            header = U32(directory, at + 42);
        var wide = ReadOnlySpan<byte>.Empty;
        while (extra.Length >= 4)
        {
            var (kind, bytes) = (BinaryPrimitives.ReadUInt16LittleEndian(extra), BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]));
            if (bytes > extra.Length - 4)
            {
                break;
            }

            wide = kind == 1 ? extra.Slice(4, bytes) : wide;
            extra = extra[(4 + bytes)..];
        }

        plain = Wide(file, what, plain, ref wide);
        packed = Wide(file, what, packed, ref wide);
        header = Wide(file, what, header, ref wide);
        return (packed, plain, header);
    }

    private static long Wide(CheckpointFile file, string what, long value, ref ReadOnlySpan<byte> wide)
    {
        if (value != Saturated)
        {
            return value;
        }

        if (wide.Length < sizeof(long))
        {
            throw file.Broken(what, "without its 64-bit size", "with one, since its 32-bit size is full");
        }

        value = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[sizeof(long)..];
        return value;
    }

    private static void CheckOverlaps(CheckpointFile file, List<(long Begin, long End, string Name)> spans)
    {
        spans.Sort();
        for (var index = 1; index < spans.Count; index++)
        {
            if (spans[index].Begin < spans[index - 1].End)
            {
                throw file.Broken(
                    $"record {CheckpointFile.Shown(spans[index].Name)}",
                    $"over {CheckpointFile.Shown(spans[index - 1].Name)}",
                    "a place of its own"
                );
            }
        }
    }

    private static bool Agrees(long classic, long wide, long saturated) => classic == saturated || classic == wide;

    private static bool Is(byte[] bytes, int at, byte third, byte fourth) =>
        bytes[at] == 'P' && bytes[at + 1] == 'K' && bytes[at + 2] == third && bytes[at + 3] == fourth;

    private static int U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ulong U64(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
}
