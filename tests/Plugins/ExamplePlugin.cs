namespace Pipeline.Plugins;

/// <summary>The example of <c>src/Sdk/README.md</c>, built as a plugin author's project would be.</summary>
internal static class ExamplePlugin
{
    /// <summary>Its one kind.</summary>
    public const string Kind = "byte_entropy";

    private const string Name = "ByteEntropy";

    /// <summary>Where it is built; a test project that uses it names it as a reference, so that it is.</summary>
    private static string Built =>
        Path.Combine(
            AppContext.BaseDirectory,
            "..",
            "..",
            Name,
            Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))
        );

    /// <summary>Copies it into a plugin folder; gives the path of its assembly.</summary>
    public static string Drop(string folder)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, Name)).FullName;
        foreach (var file in Directory.EnumerateFiles(Built))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }

        return Path.Combine(target, $"{Name}.dll");
    }
}
