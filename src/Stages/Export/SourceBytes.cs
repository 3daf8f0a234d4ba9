using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Export;

/// <summary>Reads the encoded bytes of an original from where its reference points.</summary>
internal static class SourceBytes
{
    /// <summary>The bytes that a reference names.</summary>
    /// <param name="root">The input's folder.</param>
    /// <param name="uri">Relative to it, with <c>/</c>.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes.</param>
    /// <exception cref="InvalidDataException">The uri leaves the folder, or the file is gone or shorter than it was.</exception>
    public static byte[] Read(string root, string uri, long offset, long length)
    {
        var path = PathOf(root, uri);
        try
        {
            var bytes = new byte[length];
            using var file = File.OpenHandle(path);
            var read = FileRange.Read(file, bytes, offset);
            return read == length ? bytes : throw Changed(uri, $"ends at byte {offset + read}", $"reach to byte {offset + length}");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Changed(uri, "not there", "there, as it was when it was ingested");
        }
    }

    private static string PathOf(string root, string uri)
    {
        var folder = Path.GetFullPath(root);
        var path = Path.GetFullPath(Path.Combine(folder, uri));
        var inside = path.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        return inside ? path : throw Changed(uri, "outside the input", "a path within it");
    }

    private static InvalidDataException Changed(string uri, string found, string wanted) =>
        new($"The original '{uri}' is {found}; it must be {wanted}. Run the pipeline again, so that the change is ingested.");
}
