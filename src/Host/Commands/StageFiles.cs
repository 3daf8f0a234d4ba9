namespace Pipeline.Host.Commands;

/// <summary>A stage's outcomes as its folder holds them.</summary>
/// <param name="Stage">The folder's name.</param>
/// <param name="Shards">Batches with a shard.</param>
/// <param name="Failed">Batches with a <c>.failed.json</c>.</param>
/// <param name="ShardBytes">Size of the shards.</param>
internal sealed record StageFiles(string Stage, int Shards, int Failed, long ShardBytes)
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
        var shards = files.Where(file => IsBatch(file.Name, ".parquet")).ToList();
        return new StageFiles(
            folder.Name,
            shards.Count,
            files.Count(file => IsBatch(file.Name, ".failed.json")),
            shards.Sum(file => file.Length)
        );
    }

    /// <summary>Eight digits and the ending: no temporary file, nothing of another hand.</summary>
    private static bool IsBatch(string name, string ending) =>
        name.Length == 8 + ending.Length
        && name.EndsWith(ending, StringComparison.Ordinal)
        && name.AsSpan(0, 8).IndexOfAnyExceptInRange('0', '9') < 0;
}
