using System.Text.Json;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Runs;

/// <summary>What an output directory is about: one run per directory. Lies in <c>run.json</c>.</summary>
public sealed record RunFile
{
    /// <summary>Name of the file within the output directory.</summary>
    public const string Name = "run.json";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The run's id.</summary>
    public required string Id { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>What was named as input.</summary>
    public required string Input { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary><c>running</c>, <c>done</c>, <c>failed</c>, <c>interrupted</c> or, of a submitted run, <c>cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary>Hash of the resolved pipeline, seed and limit; what a finished run was finished with.</summary>
    public string? Settings { get; init; }

    /// <summary>Hash of the input's listing (names, sizes, times) when the run was finished.</summary>
    public string? Listing { get; init; }

    /// <summary>Hash of the output's listing (names, sizes) when the run was finished.</summary>
    public string? Outputs { get; init; }

    /// <summary>Why the run ended unfinished; null when it did not.</summary>
    public string? Fault { get; init; }

    /// <summary>Batches that failed when the run ended.</summary>
    public int FailedBatches { get; init; }

    /// <summary>Samples at the most; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Share of batches that may fail, percent.</summary>
    public double? MaxFailedPercent { get; init; }

    /// <summary>Reads it; null when the directory has none.</summary>
    /// <exception cref="InvalidDataException">The file is there and cannot be read.</exception>
    public static async Task<RunFile?> ReadAsync(IShardStore store, CancellationToken stop)
    {
        if (!await store.ExistsAsync(Name, stop))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<RunFile>(await store.ReadAllAsync(Name, stop), Indented);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"run.json is not readable ({error.Message}); it must be the file of a run. Name another output directory.",
                error
            );
        }
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public Task WriteAsync(IShardStore store, CancellationToken stop) =>
        store.WriteAsync(Name, JsonSerializer.SerializeToUtf8Bytes(this, Indented), stop);
}
