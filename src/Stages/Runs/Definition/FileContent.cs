using System.IO.Hashing;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>What a file holds, whatever its name and its time are.</summary>
public static class FileContent
{
    /// <summary>XxHash128 of its bytes, 32 lower-case hexadecimal digits.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Hash(string path)
    {
        var hash = new XxHash128();
        using var stream = File.OpenRead(path);
        hash.Append(stream);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
