using System.IO.Hashing;
using System.Text;
using Pipeline.Models.Images;

namespace Pipeline.Stages.Ingest;

/// <summary>A sample's row, or why there is none: one of <paramref name="Row"/> and <paramref name="Rejected"/> is null.</summary>
/// <param name="Row">The columns.</param>
/// <param name="Rejected">The reason for the quarantine row.</param>
/// <param name="WasRead">Whether the file was read; false if the index or the listing knew.</param>
public sealed record SampleOutcome(IngestRow? Row, Rejected? Rejected, bool WasRead);

/// <summary>Turns a listed file into a row. The header alone is looked at: a body that is cut short shows when it is decoded.</summary>
public static class SampleReader
{
    /// <summary>Largest encoded file, in bytes: 1 GiB, the half of what an array can hold.</summary>
    public const long MostFileBytes = 1L << 30;

    /// <summary>Reads the file once, or not at all if the index knows its size and time and the bytes are not wanted.</summary>
    /// <param name="root">The folder that uris are relative to.</param>
    /// <param name="entry">The sample; its size and time are those that the index goes by.</param>
    /// <param name="embed">Whether the row carries the bytes.</param>
    /// <param name="index">What is known of earlier runs, and where what is found is noted; null for neither. May be shared by threads.</param>
    /// <param name="verify">Whether files are read and hashed again although size and time are unchanged.</param>
    public static SampleOutcome Read(string root, SourceEntry entry, bool embed, SourceIndex? index, bool verify = false)
    {
        if (entry.Fault is { } fault)
            return new(null, fault, WasRead: false);
        if (index?.Find(entry) is { } known && !verify && (!embed || known.Rejected is not null))
            return Outcome(entry, known, entry.Size, null, wasRead: false);
        var bytes = ReadFile(Path.Combine(root, entry.Uri), entry.Size, out var refusal);
        if (bytes is null)
            return new(null, refusal, WasRead: true);

        var found = Look(bytes, entry.Uri);
        if (bytes.LongLength == entry.Size)
            index?.Note(entry, found);
        return Outcome(entry, found, bytes.LongLength, embed ? bytes : null, wasRead: true);
    }

    /// <summary>XxHash128 over the XxHash128 of the bytes and the uri in UTF-8: 32 lower-case hexadecimal digits.</summary>
    public static string SampleId(ReadOnlySpan<byte> bytes, string uri) => Convert.ToHexStringLower(Identify(bytes, uri));

    private static byte[] Identify(ReadOnlySpan<byte> bytes, string uri) =>
        XxHash128.Hash([.. XxHash128.Hash(bytes), .. Encoding.UTF8.GetBytes(uri)]);

    private static SampleOutcome Outcome(SourceEntry entry, IndexedSample known, long length, byte[]? image, bool wasRead) =>
        known.Rejected is { } rejected
            ? new(null, rejected, wasRead)
            : new(
                new IngestRow(
                    known.SampleId,
                    entry.Uri,
                    0,
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
                wasRead
            );

    private static IndexedSample Look(byte[] bytes, string uri)
    {
        var id = SampleId(bytes, uri);
        try
        {
            var header = ImageHeader.Read(bytes);
            DecodeLimits.Default.Check(header);
            return new(id, header.UprightWidth, header.UprightHeight, null);
        }
        catch (ImageRejectedException refused)
        {
            return new(id, 0, 0, new(refused.Kind, refused.Message));
        }
    }

    private static byte[]? ReadFile(string path, long listed, out Rejected? refusal)
    {
        refusal = null;
        try
        {
            // A pipe lists as empty, and opening it would wait for a writer for ever.
            if (listed == 0)
                return [];
            if (new FileInfo(path) is { Exists: true, Length: > MostFileBytes } large)
            {
                refusal = new(
                    RejectionKind.TooLarge,
                    $"{path} has {large.Length:N0} bytes; it must have at most {MostFileBytes:N0}. Shrink it, or leave it out."
                );
                return null;
            }
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            refusal = FolderListing.Missing(path);
        }
        catch (PathTooLongException error)
        {
            refusal = new(SourceFault.FileName, $"{path} has a name that is too long: {error.Message} Rename it.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new(
                SourceFault.Unreadable,
                $"{path} cannot be read: {error.Message} Check its permissions and the disk, and run again."
            );
        }
        return null;
    }
}
