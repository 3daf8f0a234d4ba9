namespace Pipeline.Host.Commands;

/// <summary>A stage's outcomes as its folder holds them.</summary>
/// <param name="Stage">The folder's name.</param>
/// <param name="Shards">Batches with a shard.</param>
/// <param name="Failed">Batches with a <c>.failed.json</c>.</param>
/// <param name="Bytes">Size of all files in the folder.</param>
internal sealed record StageFiles(string Stage, int Shards, int Failed, long Bytes)
{
    /// <summary>Every stage of the run that has a folder, in ordinal order of names.</summary>
    public static IReadOnlyList<StageFiles> Of(OutputDirectory directory)
    {
        var run = new DirectoryInfo(Path.Combine(directory.Root, "runs", directory.Run.Id));
        return run.Exists ? [.. run.GetDirectories().OrderBy(folder => folder.Name, StringComparer.Ordinal).Select(In)] : [];
    }

    private static StageFiles In(DirectoryInfo folder)
    {
        var files = folder.GetFiles();
        return new StageFiles(
            folder.Name,
            files.Count(file => IsBatch(file.Name, ".parquet")),
            files.Count(file => IsBatch(file.Name, ".failed.json")),
            folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(Length)
        );
    }

    /// <summary>0 for a file that a running process has just renamed or removed.</summary>
    private static long Length(FileInfo file) => File.Exists(file.FullName) ? new FileInfo(file.FullName).Length : 0;

    /// <summary>Eight digits and the ending: no temporary file, nothing of another hand.</summary>
    private static bool IsBatch(string name, string ending) =>
        name.Length == 8 + ending.Length
        && name.EndsWith(ending, StringComparison.Ordinal)
        && name.AsSpan(0, 8).IndexOfAnyExceptInRange('0', '9') < 0;
}
