using System.Globalization;
using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Runs.Lineage;

/// <summary>A shard without its images.</summary>
/// <param name="Uri">Relative to the output directory.</param>
/// <param name="Footer">What it says of itself.</param>
/// <param name="Table">All columns that are not binary.</param>
public sealed record FoundShard(string Uri, ShardFooter Footer, ShardTable Table)
{
    private const string Sample = "sample_id";
    private const string Variant = "variant_id";

    /// <summary>Whether a row is about a variant.</summary>
    public bool HasVariants => Table.Find(Variant) is not null;

    /// <summary>Rows of a variant; of a sample all rows that name it.</summary>
    public IReadOnlyList<int> RowsOf(LineageSubject subject)
    {
        var (column, id) = subject.VariantId is not null && HasVariants ? (Variant, subject.VariantId) : (Sample, subject.SampleId);
        return Table.Find(column) is null || id is null
            ? []
            : [.. Table.Get<string>(column).Select((value, row) => (value, row)).Where(cell => cell.value == id).Select(cell => cell.row)];
    }

    /// <summary>The cells of a row by column, keys left out.</summary>
    public IReadOnlyDictionary<string, object?> Values(int row) =>
        Table
            .Columns.Where(column => column.Name is not (Sample or Variant))
            .ToDictionary(column => column.Name, column => column.Cell(row), StringComparer.Ordinal);
}

/// <summary>Reads what a lineage wants of a run's files; a shard that was read is kept, because the variants of a sample share it.</summary>
/// <param name="store">The output directory.</param>
/// <param name="run">The run.</param>
public sealed class LineageShards(IShardStore store, RunFile run)
{
    private readonly Dictionary<string, FoundShard?> known = new(StringComparer.Ordinal);

    /// <summary>The output directory.</summary>
    public IShardStore Store => store;

    /// <summary>The run.</summary>
    public RunFile Run => run;

    /// <summary>Stages' shards and quarantine rows, whole.</summary>
    public RunShards All { get; } = new(store, run.Id);

    /// <summary>The shard of a batch; null when it is not there.</summary>
    /// <exception cref="ShardDamagedException">It is not whole.</exception>
    public Task<FoundShard?> FindAsync(string stage, int batch, CancellationToken stop) =>
        FindAsync(ShardNames.Uri(run.Id, stage, batch), stop);

    /// <summary>The shard at <paramref name="uri"/>; null when it is not there.</summary>
    /// <exception cref="ShardDamagedException">It is not whole.</exception>
    public async Task<FoundShard?> FindAsync(string uri, CancellationToken stop)
    {
        if (!known.TryGetValue(uri, out var shard))
        {
            shard = await ShardFile.ReadFooterAsync(store, uri, stop) is { } footer
                ? new FoundShard(uri, footer, await ShardFile.ReadAsync(store, uri, WithoutImages, stop))
                : null;
            known[uri] = shard;
        }

        return shard;
    }

    /// <summary>What a stage set aside of a batch.</summary>
    public Task<IReadOnlyList<QuarantineRow>> QuarantineAsync(string stage, int batch, CancellationToken stop) =>
        ReadAsync<IReadOnlyList<QuarantineRow>>(At($"quarantine/{stage}", batch, "json"), [], stop);

    /// <summary>Why a batch failed in a stage; null when it did not.</summary>
    public Task<FailureRecord?> FailureAsync(string stage, int batch, CancellationToken stop) =>
        ReadAsync<FailureRecord?>(At($"runs/{run.Id}/{stage}", batch, "failed.json"), null, stop);

    /// <summary>How a batch was done in a stage; null without a log.</summary>
    public Task<WorkLog?> LogAsync(string stage, int batch, CancellationToken stop) =>
        ReadAsync<WorkLog?>(At($"runs/{run.Id}/{stage}", batch, "log.json"), null, stop);

    private async Task<T> ReadAsync<T>(string uri, T without, CancellationToken stop) =>
        await store.ExistsAsync(uri, stop)
            ? JsonSerializer.Deserialize<T>(await store.ReadAllAsync(uri, stop), JsonSerializerOptions.Web) ?? without
            : without;

    private static string At(string folder, int batch, string ending) =>
        string.Create(CultureInfo.InvariantCulture, $"{folder}/{batch:D8}.{ending}");

    private static IReadOnlyList<string> WithoutImages(IReadOnlyList<ShardField> fields) =>
        [.. fields.Where(field => field.Type.Kind != ShardKind.Binary).Select(field => field.Name)];
}
