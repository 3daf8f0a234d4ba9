using System.Globalization;

namespace Pipeline.Stages.Plugins;

/// <summary>A plugin, or the manifest of a foreign stage, as it lies in the plugin folder.</summary>
/// <param name="Root">The folder that its files are relative to.</param>
/// <param name="Main">Its assembly or manifest, relative to the root.</param>
/// <param name="Files">All that belongs to it, the main file too, relative to the root; in ordinal order.</param>
internal sealed record PluginFiles(string Root, string Main, IReadOnlyList<string> Files)
{
    private const string Assembly = ".dll";

    private const string Manifest = ".stage.json";

    /// <summary>The program's own, which a plugin is given and need not bring.</summary>
    private static readonly string[] Hosts = ["Pipeline.Messages.dll", "Pipeline.Sdk.dll"];

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8, // runtimes/linux-x64/native is three; ends a circle of links
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>Path of the main file.</summary>
    public string Path => System.IO.Path.Combine(Root, Main);

    /// <summary>The main file's name without its ending.</summary>
    public string Name => Main[..^(IsManifest ? Manifest : Assembly).Length];

    /// <summary>Whether it is the manifest of a stage in another language, and no code.</summary>
    public bool IsManifest => Main.EndsWith(Manifest, StringComparison.Ordinal);

    /// <summary>Those of a folder, in ordinal order of paths. What begins with a dot is passed over: a copy in progress is often named so.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static IReadOnlyList<PluginFiles> In(string folder)
    {
        var own = Directory
            .EnumerateDirectories(folder)
            .Where(root => File.Exists(System.IO.Path.Combine(root, System.IO.Path.GetFileName(root) + Assembly)))
            .Select(root => new PluginFiles(root, System.IO.Path.GetFileName(root) + Assembly, Below(root)));
        var alone = Directory.EnumerateFiles(folder).Select(System.IO.Path.GetFileName).OfType<string>().ToList();
        var single = alone
            .Where(name =>
                name.EndsWith(Manifest, StringComparison.Ordinal)
                || (name.EndsWith(Assembly, StringComparison.Ordinal) && !Hosts.Contains(name))
            )
            .Select(name => new PluginFiles(folder, name, [.. With(name, alone)]));
        return [.. own.Concat(single).Where(files => files.Name[0] != '.').OrderBy(files => files.Path, StringComparer.Ordinal)];
    }

    /// <summary>Names, sizes and times of its files: equal as long as nobody writes them.</summary>
    /// <exception cref="IOException">A file has gone.</exception>
    public string Stamp() =>
        string.Join(
            '\n',
            Files
                .Select(file => new FileInfo(System.IO.Path.Combine(Root, file)))
                .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}"))
        );

    /// <summary>When a file of it was last written.</summary>
    public DateTime Written() => Files.Max(file => File.GetLastWriteTimeUtc(System.IO.Path.Combine(Root, file)));

    private static string[] Below(string root) =>
        [
            .. Directory
                .EnumerateFiles(root, "*", Everything)
                .Where(path => !Hosts.Contains(System.IO.Path.GetFileName(path)))
                .Select(path => System.IO.Path.GetRelativePath(root, path))
                .Where(path => !path.Split('/').Any(part => part[0] == '.'))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The file, and what an assembly alone in the folder may have beside it.</summary>
    private static IEnumerable<string> With(string main, IReadOnlyList<string> all) =>
        new[] { main, System.IO.Path.ChangeExtension(main, ".deps.json"), System.IO.Path.ChangeExtension(main, ".pdb") }
            .Where(all.Contains)
            .Order(StringComparer.Ordinal);
}
