namespace Pipeline.Stages.Runs.Definition;

/// <summary>A pipeline file that is part of the program.</summary>
/// <param name="Name">What stands in place of a file's path.</param>
/// <param name="Description">One line: the file's first comment.</param>
/// <param name="Text">The YAML.</param>
public sealed record Preset(string Name, string Description, string Text);

/// <summary>The pipeline files that are part of the program.</summary>
public static class Presets
{
    private const string Folder = "Presets/";

    private const string Extension = ".yaml";

    /// <summary>Every preset, in ordinal order of names.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        .. typeof(Presets)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Load),
    ];

    /// <summary>The preset of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those that there are.</exception>
    public static Preset Find(string name)
    {
        var names = All.Select(preset => preset.Name).ToArray();
        return All.FirstOrDefault(preset => preset.Name == name)
            ?? throw new KeyNotFoundException(
                $"The preset is '{name}'; it must be one of {string.Join(", ", names)}.{Nearest.Hint(name, names)} Name a preset, or the path of a file."
            );
    }

    private static Preset Load(string resource)
    {
        using var stream =
            typeof(Presets).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} is not in the program; it must be. Build it again.");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        var first = text.Split('\n', 2)[0];
        return new Preset(resource[Folder.Length..^Extension.Length], first.TrimStart('#').Trim(), text);
    }
}
