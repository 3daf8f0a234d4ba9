namespace Pipeline.Sdk;

/// <summary>Reads the encoded bytes of a sample: from its row when they were embedded, else from the file that the row refers to.</summary>
public static class SampleBytes
{
    /// <summary>Reads them.</summary>
    /// <param name="root">Folder that uris are relative to.</param>
    /// <param name="image">The row that says where they are.</param>
    /// <exception cref="InvalidDataException">The file is shorter or longer than it was when it was ingested.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static byte[] Read(string root, IngestedImage image) =>
        Read(root, image.Uri, image.Container, image.Offset, image.Length, image.Image);

    /// <summary>Reads them.</summary>
    /// <param name="root">Folder that uris are relative to.</param>
    /// <param name="uri">What identifies the sample; the file, unless there is a container.</param>
    /// <param name="container">The file that holds the image among others, or null.</param>
    /// <param name="offset">Where in the file they begin.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="embedded">The bytes, when the row carries them.</param>
    /// <exception cref="InvalidDataException">The file is shorter or longer than it was when it was ingested.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static byte[] Read(string root, string uri, string? container, long offset, long length, byte[]? embedded)
    {
        if (embedded is not null)
        {
            return embedded;
        }

        using var file = File.OpenHandle(Path.Combine(root, container ?? uri));
        var bytes = new byte[length];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), offset + read) is > 0 and var more)
        {
            read += more;
        }

        return read == bytes.Length
            ? bytes
            : throw new InvalidDataException(
                $"{uri} holds {offset + read} bytes; it must hold {offset + length}, as when it was ingested. Run again, so that the changed file is a new sample."
            );
    }
}
