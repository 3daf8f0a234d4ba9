using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Pipeline.Models.Images;

namespace Pipeline.Stages.Ingest;

/// <summary>A sample's row, or why there is none: one of <paramref name="Row"/> and <paramref name="Rejected"/> is null.</summary>
/// <param name="Row">The columns.</param>
/// <param name="Rejected">The reason for the quarantine row.</param>
/// <param name="Content">XxHash128 of the encoded bytes; 0 where there are none.</param>
/// <param name="WasRead">Whether the bytes were read; false if the index or the listing knew.</param>
public sealed record SampleOutcome(IngestRow? Row, Rejected? Rejected, UInt128 Content, bool WasRead);

/// <summary>Turns a listed image into a row. The header alone is looked at: a body that is cut short shows when it is decoded.</summary>
public static class SampleReader
{
    /// <summary>Largest encoded image, in bytes: 1 GiB, the half of what an array can hold.</summary>
    public const long MostFileBytes = 1L << 30;

    /// <summary>Reads the bytes once, or not at all if the index knows their size and time and they are not wanted.</summary>
    /// <param name="root">The folder that uris are relative to.</param>
    /// <param name="entry">The sample; its size and time are those that the index goes by.</param>
    /// <param name="embed">Whether the row carries the bytes; it does so in any case where they are no range of a file.</param>
    /// <param name="index">What is known of earlier runs, and where what is found is noted; null for neither. May be shared by threads.</param>
    /// <param name="verify">Whether bytes are read and hashed again although size and time are unchanged.</param>
    /// <param name="stop">Ends a fetch.</param>
    public static async ValueTask<SampleOutcome> ReadAsync(
        string root,
        SourceEntry entry,
        bool embed,
        SourceIndex? index,
        bool verify = false,
        CancellationToken stop = default
    )
    {
        embed |= entry.Fetch is not null;
        if (!verify && Remember(entry, index) is { } remembered && (!embed || remembered.Rejected is not null))
            return remembered;
        if (!embed && entry.Fault is null)
            return Refer(root, entry, index);
        var (bytes, refusal) = await BytesAsync(root, entry, stop);
        if (bytes is null)
            return new(null, refusal, 0, WasRead: entry.Fault is null);

        var found = Look(bytes);
        if (entry.Fetch is not null || bytes.LongLength == entry.Size)
            index?.Note(entry, found);
        return Outcome(entry, found, bytes.LongLength, bytes, wasRead: true);
    }

    /// <summary>A row without the bytes, which are read into a buffer that is used again: photographs would otherwise fill the heap of large objects.</summary>
    private static SampleOutcome Refer(string root, SourceEntry entry, SourceIndex? index)
    {
        var (buffer, length, refusal) = SourceFile.Rent(root, entry, MostFileBytes);
        if (buffer is null)
            return new(null, refusal, 0, WasRead: true);
        try
        {
            var found = Look(buffer.AsSpan(0, length));
            if (length == entry.Size)
                index?.Note(entry, found);
            return Outcome(entry, found, length, null, wasRead: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The encoded bytes, or why there are none.</summary>
    internal static async ValueTask<Fetched> BytesAsync(string root, SourceEntry entry, CancellationToken stop) =>
        entry switch
        {
            { Fault: { } fault } => new(null, fault),
            { Fetch: { } fetch } => await fetch(stop),
            _ => SourceFile.Read(root, entry, MostFileBytes),
        };

    /// <summary>What the listing or the index knows, unread and without the bytes; null if that is nothing.</summary>
    public static SampleOutcome? Remember(SourceEntry entry, SourceIndex? index) =>
        entry.Fault is { } fault ? new(null, fault, 0, WasRead: false)
        : index?.Find(entry) is { } known ? Outcome(entry, known, entry.Size, null, wasRead: false)
        : null;

    /// <summary>XxHash128 over the XxHash128 of the bytes and the uri in UTF-8: 32 lower-case hexadecimal digits.</summary>
    public static string SampleId(ReadOnlySpan<byte> bytes, string uri) => SampleId(XxHash128.HashToUInt128(bytes), uri);

    private static string SampleId(UInt128 content, string uri)
    {
        var text = new byte[16 + Encoding.UTF8.GetByteCount(uri)];
        BinaryPrimitives.WriteUInt128BigEndian(text, content);
        Encoding.UTF8.GetBytes(uri, text.AsSpan(16));
        return Convert.ToHexStringLower(XxHash128.Hash(text));
    }

    private static SampleOutcome Outcome(SourceEntry entry, IndexedSample known, long length, byte[]? image, bool wasRead) =>
        known.Rejected is { } rejected
            ? new(null, rejected, known.Content, wasRead)
            : new(
                new IngestRow(
                    SampleId(known.Content, entry.Uri),
                    entry.Uri,
                    entry.Fetch is null ? entry.Container : null,
                    entry.Fetch is null ? entry.Offset : 0,
                    length,
                    image,
                    known.Width,
                    known.Height,
                    entry.Label,
                    entry.LabelName,
                    entry.Split,
                    entry.Group,
                    entry.Extra
                ),
                null,
                known.Content,
                wasRead
            );

    private static IndexedSample Look(ReadOnlySpan<byte> bytes)
    {
        var content = XxHash128.HashToUInt128(bytes);
        try
        {
            var header = ImageHeader.Read(bytes);
            DecodeLimits.Default.Check(header);
            return new(content, header.UprightWidth, header.UprightHeight, null);
        }
        catch (ImageRejectedException refused)
        {
            return new(content, 0, 0, new(refused.Kind, refused.Message));
        }
    }
}
