using System.Security.Cryptography;
using System.Text;
using Pipeline.Models.Hub;

namespace Pipeline.ModelHub;

/// <summary>Empty places for models in a folder that goes with the test.</summary>
internal sealed class ModelPlace : IDisposable
{
    public const string Commit = "3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("models-");

    public string Root => folder.FullName;

    public ModelPlaces Places =>
        new()
        {
            Given = Path.Combine(Root, "given"),
            IsArgument = true,
            Cache = Path.Combine(Root, "cache"),
            HubCache = Path.Combine(Root, "hub"),
            BuiltIn = Path.Combine(Root, "builtin"),
        };

    public ModelLibrary Library => ModelLibrary.In(Places);

    /// <summary>Writes a file and the folders above it; gives its path.</summary>
    public string Write(string path, string text = "{}")
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    /// <summary>Puts a file into the Hugging Face cache as its client does: bytes in <c>blobs</c>, a relative link in the snapshot, the commit in <c>refs/main</c>.</summary>
    public string WriteSnapshot(string model, string file, string text, string commit = Commit)
    {
        var at = $"hub/models--{model.Replace("/", "--", StringComparison.Ordinal)}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        Write($"{at}/blobs/{hash}", text);
        Write($"{at}/refs/main", commit);
        var link = Path.Combine(Root, at, "snapshots", commit, file);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        var up = string.Concat(Enumerable.Repeat("../", 2 + file.Count(letter => letter == '/')));
        File.CreateSymbolicLink(link, $"{up}blobs/{hash}");
        return link;
    }

    public void Dispose() => folder.Delete(recursive: true);
}
