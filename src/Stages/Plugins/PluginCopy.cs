using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Stages.Plugins;

/// <summary>A plugin's files in a folder that only this user can read: what is hashed there is what is loaded, whatever happens to the plugin folder.</summary>
internal sealed class PluginCopy : IDisposable
{
    private readonly string folder;

    private PluginCopy(PluginFiles files, string folder)
    {
        this.folder = folder;
        Files = [.. files.Files.Select(file => (file, Hash(Path.Combine(folder, file))))];
        Assembly = Path.Combine(folder, files.Main);
        Identity = new PluginIdentity(files.Name, Hash(Files), files.Path);
    }

    /// <summary>Every file within the plugin, with its SHA-256.</summary>
    public IReadOnlyList<(string Path, string Sha256)> Files { get; }

    /// <summary>The copy of the assembly.</summary>
    public string Assembly { get; }

    public PluginIdentity Identity { get; }

    /// <summary>Copies and hashes the files.</summary>
    /// <exception cref="IOException">A file has gone, or the temporary folder is full.</exception>
    public static PluginCopy Of(PluginFiles files)
    {
        var own = Directory.CreateTempSubdirectory("pipeline-plugin-").FullName;
        try
        {
            foreach (var file in files.Files)
            {
                var path = Path.Combine(own, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path) ?? own);
                File.Copy(Path.Combine(files.Root, file), path);
            }

            return new PluginCopy(files, own);
        }
        catch
        {
            Directory.Delete(own, recursive: true);
            throw;
        }
    }

    /// <summary>Removes the copy; code that is mapped from it stays where it is.</summary>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Hash(IEnumerable<(string Path, string Sha256)> files) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Sha256}  {file.Path}\n"))))
        );
}
