using Pipeline.Models.Images;

namespace Pipeline.Stages.Ingest;

/// <summary>Reads an image's bytes from its file, or from its place in a container.</summary>
internal static class SourceFile
{
    public static Fetched Read(string root, SourceEntry entry, long most)
    {
        var path = Path.Combine(root, entry.Container ?? entry.Uri);
        try
        {
            // A pipe lists as empty, and opening it would wait for a writer for ever.
            if (entry.Size == 0)
                return new([], null);
            var size = entry.Container is null
                ? new FileInfo(path) is { Exists: true, Length: var length }
                    ? length
                    : 0
                : entry.Size;
            if (size > most)
                return Refused(
                    RejectionKind.TooLarge,
                    $"{Path.Combine(root, entry.Uri)} has {size:N0} bytes; it must have at most {most:N0}. Shrink it, or leave it out."
                );
            return new(entry.Container is null ? File.ReadAllBytes(path) : Range(path, entry.Offset, entry.Size), null);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(null, FolderListing.Missing(path));
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

    private static byte[] Range(string path, long offset, long size)
    {
        var bytes = new byte[size];
        using var file = File.OpenHandle(path);
        for (var read = 0; read < bytes.Length; )
        {
            var more = RandomAccess.Read(file, bytes.AsSpan(read), offset + read);
            if (more == 0)
                throw new EndOfStreamException(
                    $"It ends at byte {offset + read}; it must reach to byte {offset + size}, as when it was listed."
                );
            read += more;
        }

        return bytes;
    }

    private static Fetched Refused(string kind, string message) => new(null, new(kind, message));
}
