using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Pipeline.Models.Images;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Ingest;

/// <summary>Reads an image's bytes from its file, or from its place in a container.</summary>
internal static class SourceFile
{
    /// <summary>In an array of their own.</summary>
    public static Fetched Read(string root, SourceEntry entry, long most)
    {
        var (bytes, _, refusal) = Read(root, entry, most, static size => new byte[size]);
        return new(bytes, refusal);
    }

    /// <summary>At the beginning of an array of the shared pool, to which the caller gives it back; it may be longer than they are.</summary>
    public static (byte[]? Bytes, int Length, Rejected? Refusal) Rent(string root, SourceEntry entry, long most) =>
        Read(root, entry, most, ArrayPool<byte>.Shared.Rent);

    private static (byte[]?, int, Rejected?) Read(string root, SourceEntry entry, long most, Func<int, byte[]> take)
    {
        var path = Path.Combine(root, entry.Container ?? entry.Uri);
        try
        {
            // A pipe lists as empty, and opening it would wait for a writer for ever.
            if (entry.Size == 0)
                return ([], 0, null);
            if (entry.Size <= most && Shared(entry, take) is { } shared)
                return (shared, (int)entry.Size, null);
            using var file = File.OpenHandle(path);
            var size = entry.Container is null ? RandomAccess.GetLength(file) : entry.Size;
            if (size > most)
                return Refused(
                    RejectionKind.TooLarge,
                    $"{Path.Combine(root, entry.Uri)} has {size:N0} bytes; it must have at most {most:N0}. Shrink it, or leave it out."
                );
            return (Range(file, entry.Offset, (int)size, take), (int)size, null);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, 0, FolderListing.Missing(path));
        }
        catch (PathTooLongException error)
        {
            return Refused(SourceFault.FileName, $"{path} has a name that is too long: {error.Message} Rename it.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Refused(
                SourceFault.Unreadable,
                $"{path} cannot be read: {error.Message} Check its permissions and the disk, and run again."
            );
        }
    }

    /// <summary>From the file that the listing has open; null if there is none, or no longer.</summary>
    private static byte[]? Shared(SourceEntry entry, Func<int, byte[]> take)
    {
        try
        {
            return entry.OpenContainer is { IsClosed: false } file ? Range(file, entry.Offset, (int)entry.Size, take) : null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    private static byte[] Range(SafeFileHandle file, long offset, int size, Func<int, byte[]> take)
    {
        var bytes = take(size);
        var read = FileRange.Read(file, bytes.AsSpan(0, size), offset);
        return read == size
            ? bytes
            : throw new EndOfStreamException(
                $"It ends at byte {offset + read:N0}; it must reach to byte {offset + size:N0}, as when it was listed."
            );
    }

    private static (byte[]?, int, Rejected?) Refused(string kind, string message) => (null, 0, new(kind, message));
}
