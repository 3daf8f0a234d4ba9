using System.Globalization;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Flow;

/// <summary>Why a batch failed in a stage, and all that is needed to try it again. Lies beside the shards as <c>{batch:D8}.failed.json</c>; the next success deletes it.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Batch">Index of the batch.</param>
/// <param name="Error">Type of the error.</param>
/// <param name="Message">What was found, what was wanted and what to do.</param>
/// <param name="Stack">Where it was thrown, for developers.</param>
/// <param name="RowsIn">Rows that the stage was given; -1 when they could not be read.</param>
/// <param name="Fingerprint">Of the stage when it failed.</param>
public sealed record FailureRecord(string Stage, int Batch, string Error, string Message, string? Stack, int RowsIn, string Fingerprint)
{
    /// <summary>How the names of these files end.</summary>
    public const string Ending = ".failed.json";

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>How often it was tried and failed; 1 or more.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>When it failed for the first time, and for the last.</summary>
    public DateTimeOffset First { get; init; }

    /// <summary>When it failed for the last time.</summary>
    public DateTimeOffset Last { get; init; }

    /// <summary>The machine on which it failed the last time.</summary>
    public string Host { get; init; } = "";

    /// <summary>The stage's settings when it failed, as the pipeline file writes them; model files with their hashes.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The message that the stage was given; null of a stage that works once a run.</summary>
    public BatchReady? Given { get; init; }

    /// <summary>Where the record of a batch lies.</summary>
    public static string Uri(string run, string stage, int batch) =>
        string.Create(CultureInfo.InvariantCulture, $"runs/{run}/{stage}/{batch:D8}{Ending}");

    /// <summary>Reads one; null when it is not there.</summary>
    /// <exception cref="InvalidDataException">It is there and cannot be read.</exception>
    public static async Task<FailureRecord?> ReadAsync(IShardStore store, string uri, CancellationToken stop)
    {
        if (!await store.ExistsAsync(uri, stop))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<FailureRecord>(await store.ReadAllAsync(uri, stop), Form);
        }
        catch (FileNotFoundException)
        {
            return null; // the batch has just been done
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{uri} is no record of a failed batch ({error.Message}); it must be as the run wrote it. Delete it, and the batch is tried again.",
                error
            );
        }
    }

    /// <summary>Writes it over an earlier one of the same batch, whose attempts and first time it takes over.</summary>
    public async Task<FailureRecord> WriteAsync(IShardStore store, string run, CancellationToken stop)
    {
        var uri = Uri(run, Stage, Batch);
        var before = await ReadAsync(store, uri, stop);
        var record = before is null ? this : this with { Attempts = before.Attempts + 1, First = before.First };
        await store.WriteAsync(uri, JsonSerializer.SerializeToUtf8Bytes(record, Form), stop);
        return record;
    }
}
