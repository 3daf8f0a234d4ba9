namespace Pipeline.Models.Weights;

/// <summary>Writes files that are there whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <c>.{name}.partial</c> in the same folder, flushes it to the disk and renames it over <paramref name="path"/>.</summary>
    /// <param name="path">The file; replaced if it exists. One writer at a time.</param>
    /// <param name="write">Gives the content; if it throws, the old file stays and the temporary one is deleted.</param>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        var partial = Path.Combine(Path.GetDirectoryName(full) ?? ".", $".{Path.GetFileName(full)}.partial");
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, full, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }
}
