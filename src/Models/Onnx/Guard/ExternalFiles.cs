using Microsoft.Win32.SafeHandles;

namespace Pipeline.Models.Onnx.Guard;

/// <summary>A file beside the model, open; what was checked is what is read.</summary>
/// <param name="handle">Disposed by who opened it.</param>
/// <param name="path">For error messages.</param>
internal sealed class ExternalFile(SafeFileHandle handle, string path)
{
    /// <summary>Bytes when it was opened.</summary>
    public long Length { get; } = RandomAccess.GetLength(handle);

    /// <summary>Fills the target from an offset on.</summary>
    /// <exception cref="InvalidDataException">The file has become shorter.</exception>
    public void Read(long offset, Span<byte> target)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(handle, target, offset);
            if (read == 0)
            {
                throw new InvalidDataException(
                    $"{path} ends at byte {offset}; it must stay as long as when it was opened, {Length} bytes. Let nobody write to it."
                );
            }

            offset += read;
            target = target[read..];
        }
    }
}

/// <summary>The files beside a model that its tensors lie in.</summary>
/// <remarks>
/// A name must be relative and lead downwards, and the file that was opened must lie in the folder: a link is followed within the model's cache alone, which is
/// the folder, or with the Hugging Face layout <c>models--org--name</c>, whose snapshots are links into its blobs.
/// </remarks>
/// <param name="folder">The folder of the model file.</param>
internal sealed class ExternalFiles(string folder) : IDisposable
{
    private const string CachePrefix = "models--";
    private readonly Dictionary<string, (ExternalFile File, SafeFileHandle Handle)> open = new(StringComparer.Ordinal);

    public ExternalFile Open(string location, OnnxPlace place)
    {
        if (open.TryGetValue(location, out var known))
        {
            return known.File;
        }

        const string Field = "external_data.location";
        var shown = $"\"{OnnxPlace.Printable(System.Text.Encoding.UTF8.GetBytes(location))}\"";
        if (
            location.Length == 0
            || Path.IsPathRooted(location)
            || location.Contains('\0')
            || location.Contains(':')
            || location.Contains('\\')
        )
        {
            throw place.Refusal(Field, shown, "a relative path, with / between its parts");
        }

        if (Array.Exists(location.Split('/'), part => part is "" or "." or ".."))
        {
            throw place.Refusal(Field, shown, "a path that leads down from the model's folder");
        }

        if (open.Count == OnnxLimits.Files)
        {
            throw place.Refusal(Field, $"{shown}, one file more than there may be", $"one of at most {OnnxLimits.Files}");
        }

        var path = Path.Combine(folder, location);
        if (!File.Exists(path))
        {
            throw place.Refusal(Field, $"{shown}, which is not there", "a file of the model's folder");
        }

        var handle = File.OpenHandle(path);
        try
        {
            if (!IsWithin(RealPath(handle)))
            {
                throw place.Refusal(Field, $"{shown}, a link out of the model's cache", "a file of the model's folder");
            }

            var file = new ExternalFile(handle, path);
            open.Add(location, (file, handle));
            return file;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (_, handle) in open.Values)
        {
            handle.Dispose();
        }
    }

    /// <summary>The folder that files must lie in, without links.</summary>
    private string Root()
    {
        var full = Path.GetFullPath(folder);
        var parts = full.Split('/');
        var cache = Array.FindIndex(parts, part => part.StartsWith(CachePrefix, StringComparison.Ordinal));
        return cache >= 0 && cache + 1 < parts.Length && parts[cache + 1] == "snapshots" ? string.Join('/', parts[..(cache + 1)]) : full;
    }

    private bool IsWithin(string path) => path.StartsWith($"{RealFolder(Root())}/", StringComparison.Ordinal);

    /// <summary>Where an open file lies, as the system says: no name is looked up for the second time.</summary>
    private static string RealPath(SafeFileHandle handle) => new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget ?? "";

    /// <summary>The folder with every link on the way to it followed.</summary>
    private static string RealFolder(string path)
    {
        var real = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = new DirectoryInfo($"{real}/{part}");
            real = next.ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealFolder(target.FullName) : next.FullName;
        }

        return real;
    }
}
