namespace Pipeline.Models.Hub;

/// <summary>A model that was found: a folder with its files.</summary>
public sealed record ModelFolder
{
    /// <summary>The name by which it was asked for.</summary>
    public required ModelName Name { get; init; }

    /// <summary>The commit, or the branch or tag where no commit is known; null for a folder that the user named and for what the program ships.</summary>
    public string? Revision { get; init; }

    /// <summary>The folder, as an absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>The licence as an SPDX id or an address; null when the files do not say it.</summary>
    public string? Licence => Terms?.Shown;

    /// <summary>What the files say of the licence; null when they say nothing.</summary>
    public ModelLicence? Terms { get; init; }

    /// <summary>Where it was found, in words: <c>models folder</c>, <c>cache</c>, <c>Hugging Face cache</c>, <c>folder</c>, <c>program</c>.</summary>
    public required string Where { get; init; }

    /// <summary>Whether nothing is written there: the Hugging Face cache is others', and the program's folder is shipped.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The folder that links among its files must not lead out of: its own, or in the Hugging Face cache the one of the same model.</summary>
    public string Boundary => BoundaryOf(Path);

    /// <summary>The folder that links among a model's files must not lead out of.</summary>
    /// <param name="folder">The model's folder, as an absolute path.</param>
    public static string BoundaryOf(string folder)
    {
        var snapshots = Directory.GetParent(folder);
        return snapshots is { Name: "snapshots", Parent: { } model } && model.Name.StartsWith(HubCache.Prefix, StringComparison.Ordinal)
            ? model.FullName
            : folder;
    }
}
