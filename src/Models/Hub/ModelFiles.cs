using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Models.Hub;

/// <summary>The files of a model's folder that decide what the model gives, and what they hold.</summary>
internal static class ModelFiles
{
    private const int MostFiles = 10_000;
    private const int MostDepth = 8;

    /// <summary>Nothing here reads them: texts and pictures for people, code, and weights in forms that are not opened.</summary>
    private static readonly string[] Unread =
    [
        ".md",
        ".rst",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".webp",
        ".svg",
        ".pdf",
        ".py",
        ".ipynb",
        ".sh",
        ".bin",
        ".bin.index.json",
        ".pt",
        ".pth",
        ".ckpt",
        ".pkl",
        ".h5",
        ".h5.index.json",
        ".msgpack",
        ".msgpack.index.json",
        ".ot",
        ".tflite",
        ".mlmodel",
        ".gguf",
        ".npz",
        ".zip",
        ".tar",
        ".gz",
    ];

    private static readonly string[] UnreadNames = ["license", "notice", "copying"];

    /// <summary>A file is hashed once, as long as neither size nor time changes.</summary>
    private static readonly ConcurrentDictionary<(string Path, long Size, long Time), string> Hashes = new();

    /// <summary>Whether a file decides what a model gives.</summary>
    /// <param name="path">Relative to the model's folder, with <c>/</c> between its parts.</param>
    public static bool IsContent(string path)
    {
        var name = Path.GetFileName(path);
        return !path.Split('/').Any(part => part.StartsWith('.'))
            && path != ModelManifest.FileName
            && !Array.Exists(Unread, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            && !Array.Exists(UnreadNames, word => Path.GetFileNameWithoutExtension(name).Equals(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The files that decide what a model gives, with their hashes, in ordinal order of paths.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="afresh">Whether to hash files whose size and time are known too.</param>
    /// <exception cref="InvalidDataException">A link leads out of the model, or the folder is not one of a model.</exception>
    public static IReadOnlyList<ModelFile> Of(ModelFolder folder, bool afresh = false) =>
        [.. Paths(folder).Order(StringComparer.Ordinal).Select(path => Read(folder.Path, path, afresh))];

    /// <summary>One hash for all of them: XxHash128 of their paths and SHA-256, 32 lower-case hexadecimal digits.</summary>
    public static string Content(IReadOnlyList<ModelFile> files)
    {
        var text = string.Concat(files.Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Path}\0{file.Sha256}\n")));
        return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Paths of the files that decide what a model gives; links are checked.</summary>
    public static IReadOnlyList<string> Paths(ModelFolder folder)
    {
        var boundary = RealPath.Of(folder.Boundary);
        var found = new List<string>();
        Add(folder, "", boundary, found, 0);
        return found;
    }

    /// <summary>Checks that a file which is a link, or lies behind one, stays within the model.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    public static void CheckLink(ModelFolder folder, string path, string boundary)
    {
        var real = RealPath.Of(path);
        if (!RealPath.IsBelow(real, boundary))
        {
            throw new InvalidDataException(
                $"{path} of the model {folder.Name} leads to {real}; its links must stay in {boundary}. Get the model again, or copy the file there."
            );
        }
    }

    private static void Add(ModelFolder folder, string below, string boundary, List<string> found, int depth)
    {
        foreach (var entry in new DirectoryInfo(Path.Combine(folder.Path, below)).EnumerateFileSystemInfos())
        {
            var path = below.Length == 0 ? entry.Name : $"{below}/{entry.Name}";
            if (entry is DirectoryInfo)
            {
                if (entry.Name.StartsWith('.'))
                {
                    continue;
                }

                if (entry.LinkTarget is not null || depth == MostDepth)
                {
                    throw new InvalidDataException(
                        $"{entry.FullName} of the model {folder.Name} is {(depth == MostDepth ? $"{MostDepth + 1} folders deep" : "a link to a folder")}; "
                            + $"a model's files must lie in at most {MostDepth} folders, none of them a link. Remove it, or name another folder."
                    );
                }

                Add(folder, path, boundary, found, depth + 1);
            }
            else if (IsContent(path))
            {
                CheckLink(folder, entry.FullName, boundary);
                found.Add(path);
                if (found.Count > MostFiles)
                {
                    throw new InvalidDataException(
                        $"{folder.Path} has more than {MostFiles} files; the folder of a model must have fewer. Name the folder of one model."
                    );
                }
            }
        }
    }

    private static ModelFile Read(string folder, string path, bool afresh)
    {
        var full = RealPath.Of(Path.Combine(folder, path));
        using var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        var (size, time) = (stream.Length, File.GetLastWriteTimeUtc(stream.SafeFileHandle).Ticks);
        if (!Hashes.TryGetValue((full, size, time), out var hash) || afresh)
        {
            hash = Convert.ToHexStringLower(SHA256.HashData(stream));
            Hashes[(full, size, time)] = hash;
        }

        return new ModelFile(path, size, hash);
    }
}
