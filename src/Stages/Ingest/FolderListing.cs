using System.IO.Enumeration;

namespace Pipeline.Stages.Ingest;

/// <summary>A file as the system lists it.</summary>
internal readonly record struct ListedFile(string Name, long Size, long ModifiedTicks, Rejected? Fault);

/// <summary>What lies directly in one folder: images and folders in ordinal order, and how many files are neither.</summary>
/// <remarks>
/// One call to the system a file: 200,000 files a second and core, names and times in the cache. .NET puts U+FFFD for bytes of a name
/// that are not UTF-8, and then cannot open the file by that name; such a file, and a folder of such a name, is listed with its fault.
/// </remarks>
internal sealed record FolderListing(IReadOnlyList<ListedFile> Images, IReadOnlyList<string> Folders, long Ignored)
{
    private const FileAttributes Linked = FileAttributes.ReparsePoint;

    private static readonly EnumerationOptions All = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"];

    /// <summary>Lists one folder.</summary>
    /// <exception cref="InputException">The folder cannot be read.</exception>
    public static FolderListing Of(string folder)
    {
        try
        {
            return Listed(new FileSystemEnumerable<(ListedFile, bool)>(folder, Take, All));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{folder} cannot be listed: {error.Message} It must be a readable folder. Check its permissions and the disk.",
                error
            );
        }
    }

    private static FolderListing Listed(FileSystemEnumerable<(ListedFile File, bool IsFolder)> entries)
    {
        var images = new List<ListedFile>();
        var folders = new List<string>();
        var ignored = 0L;
        foreach (var (file, isFolder) in entries)
        {
            if (IsHidden(file.Name))
                ignored++;
            else if (file.Fault is not null && (isFolder || IsImage(file.Name)))
                images.Add(file);
            else if (isFolder)
                folders.Add(file.Name);
            else if (IsImage(file.Name))
                images.Add(file);
            else
                ignored++;
        }
        images.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        folders.Sort(string.CompareOrdinal);
        return new(images, folders, ignored);
    }

    /// <summary>One file by its path; a link stands for what it leads to.</summary>
    public static ListedFile Stat(string path, string name)
    {
        FileSystemInfo file = new FileInfo(path);
        if (file.Exists && file.Attributes.HasFlag(Linked))
            file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return file is FileInfo { Exists: true } found
            ? new(name, found.Length, found.LastWriteTimeUtc.Ticks, null)
            : new(name, 0, 0, Missing(path));
    }

    public static Rejected Missing(string path) =>
        new(
            SourceFault.MissingFile,
            Directory.Exists(path)
                ? $"{path} is a folder; it must be an image file. Correct the path, or take the row out."
                : $"{path} is not there; it must be an image file. Put it there, correct the path, or take the row out."
        );

    private static bool IsHidden(string name) => name.StartsWith('.');

    private static bool IsImage(string name)
    {
        var extension = Path.GetExtension(name.AsSpan());
        foreach (var known in Extensions)
        {
            if (extension.Equals(known, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static (ListedFile File, bool IsFolder) Take(ref FileSystemEntry entry)
    {
        var name = entry.FileName.ToString();
        var isFolder = entry.IsDirectory;
        if (name.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(entry.ToFullPath()))
            return (new(name, 0, 0, BadName(entry.ToFullPath(), isFolder)), isFolder);
        if (isFolder)
            return (new(name, 0, 0, null), true);
        return entry.Attributes.HasFlag(Linked)
            ? (Stat(entry.ToFullPath(), name), false)
            : (new(name, entry.Length, entry.LastWriteTimeUtc.UtcTicks, null), false);
    }

    private static Rejected BadName(string path, bool isFolder) =>
        new(
            SourceFault.FileName,
            $"The name of {path} has bytes that are not UTF-8 (shown as \uFFFD), so that it cannot be opened; "
                + $"{(isFolder ? "a folder's" : "a file's")} name must be UTF-8. Rename it, for example with convmv"
                + (isFolder ? "; until then all that lies in it is left out." : ".")
        );
}
