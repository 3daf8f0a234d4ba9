using System.Text;
using System.Text.Unicode;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>A member as its header tells of it.</summary>
/// <param name="Path">Clean: parts separated by '/', none of them empty, '.' or '..'; one that is at fault, as it stands there.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Offset">Where its body begins, in bytes of the tar.</param>
/// <param name="Size">Bytes of its body.</param>
/// <param name="Fault">Why it must not be taken; else null.</param>
internal readonly record struct TarMember(string Path, bool IsFolder, long Offset, long Size, Rejected? Fault)
{
    private const string Files = "07";
    private const char Folder = '5';

    public static TarMember Of(byte[] name, char type, bool isSparse, long offset, long size, TarLimits limits)
    {
        var path = Encoding.UTF8.GetString(name);
        var isFolder = type == Folder || (Files.Contains(type, StringComparison.Ordinal) && path.EndsWith('/'));
        var isFile = Files.Contains(type, StringComparison.Ordinal) && !isSparse;
        var clean = IsClean(path) ? path : string.Join('/', path.Split('/').Where(part => part is not ("" or ".")));
        return PathFault(name, path, clean, isFolder, limits) is { } fault
            ? new(path[..Math.Min(path.Length, limits.PathBytes)], isFolder, offset, size, fault)
            : new(clean, isFolder, offset, size, isFolder || isFile ? null : TypeFault(clean, type, isSparse));
    }

    /// <summary>Whether no part is empty, '.' or '..'.</summary>
    private static bool IsClean(ReadOnlySpan<char> path)
    {
        foreach (var part in path.Split('/'))
        {
            if (path[part] is "" or "." or "..")
                return false;
        }

        return true;
    }

    private static Rejected? PathFault(byte[] name, string path, string clean, bool isFolder, TarLimits limits) =>
        name.Length > limits.PathBytes
            ? new(
                SourceFault.FileName,
                $"The member's path has {name.Length:N0} bytes; it must have at most {limits.PathBytes:N0}. Shorten it."
            )
        : !Utf8.IsValid(name)
            ? new(
                SourceFault.FileName,
                $"The member's path '{path}' has bytes that are not UTF-8 (shown as \uFFFD); it must be UTF-8. Rename it."
            )
        : (clean.Length == 0 && !isFolder) || path.Contains('\0', StringComparison.Ordinal)
            ? new(TarFault.UnsafePath, "The member has no path that a file can have. Rename it, and make the tar anew.")
        : path.StartsWith('/') || path is [_, ':', '\\' or '/', ..]
            ? new(TarFault.UnsafePath, $"The member's path '{path}' is absolute; it must be relative. Make the tar from within the folder.")
        : clean.Contains("..", StringComparison.Ordinal) && clean.Split('/').Contains("..")
            ? new(
                TarFault.UnsafePath,
                $"The member's path '{path}' leads out by '..'; it must stay within. Make the tar from within the folder."
            )
        : null;

    private static Rejected TypeFault(string path, char type, bool isSparse) =>
        new(
            TarFault.NotAFile,
            $"The member '{path}' is {Name(type, isSparse)}; it must be a file. Leave it out, or put the file itself in its place."
        );

    private static string Name(char type, bool isSparse) =>
        type switch
        {
            '1' => "a hard link",
            '2' => "a symbolic link",
            '3' or '4' => "a device",
            '6' => "a pipe",
            _ when isSparse => "a sparse file",
            _ => $"of the type {(char.IsAsciiLetterOrDigit(type) ? type.ToString() : $"0x{(int)type:X2}")}",
        };
}
