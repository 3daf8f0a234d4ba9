namespace Pipeline.Models.Hub;

/// <summary>The Hugging Face cache, which is read and never written: <c>models--org--name/snapshots/REV</c>, whose files are links into <c>blobs</c>.</summary>
internal static class HubCache
{
    /// <summary>What the folder of a model begins with.</summary>
    public const string Prefix = "models--";

    private const int MostRefLetters = 200;

    /// <summary>The folder of a model's revision; null when it is not there.</summary>
    /// <param name="root">The cache, <c>hub</c> of <c>HF_HOME</c>.</param>
    /// <param name="id"><c>org/name</c>, checked.</param>
    /// <param name="revision">A commit, branch or tag, checked.</param>
    public static string? Find(string root, string id, string revision)
    {
        var model = Path.Combine(root, Prefix + id.Replace("/", "--", StringComparison.Ordinal));
        var snapshots = Path.Combine(model, "snapshots");
        return Folder(snapshots, revision) ?? (Ref(Path.Combine(model, "refs", revision)) is { } commit ? Folder(snapshots, commit) : null);
    }

    /// <summary>Every model and revision of the cache, in ordinal order.</summary>
    public static IEnumerable<(string Id, string Revision)> All(string root) =>
        from model in Folders(root)
        where model.StartsWith(Prefix, StringComparison.Ordinal)
        let id = model[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal)
        where ModelName.Fault(id) is null
        from revision in Folders(Path.Combine(root, model, "snapshots"))
        where ModelName.IsWord(revision)
        select (id, revision);

    /// <summary>Names of the folders in a folder, in ordinal order; none when it is not there.</summary>
    public static IEnumerable<string> Folders(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
            : [];

    /// <summary>The commit that a branch or tag stands for; null when no file says it.</summary>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static string? Ref(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var size = new FileInfo(path).Length;
        var commit = size <= MostRefLetters ? File.ReadAllText(path).Trim() : "";
        return ModelName.IsWord(commit)
            ? commit
            : throw new InvalidDataException(
                $"{path} is no revision ({size} bytes); it must hold the commit that the branch stands for. Remove the file, or get the model again."
            );
    }

    private static string? Folder(string snapshots, string revision) =>
        Path.Combine(snapshots, revision) is var path && Directory.Exists(path) ? path : null;
}
