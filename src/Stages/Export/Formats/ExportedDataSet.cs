using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Export.Card;

namespace Pipeline.Stages.Export.Formats;

/// <summary>A finished data set where it lies; read row group by row group.</summary>
internal sealed class ExportedDataSet
{
    private const string Folder = "augmented/";
    private const string Bytes = "image.bytes";

    private readonly IShardStore store;
    private readonly ExportManifest manifest;

    private ExportedDataSet(IShardStore store, ExportManifest manifest) => (this.store, this.manifest) = (store, manifest);

    /// <summary>The splits, in the order of their files.</summary>
    public IReadOnlyList<string> Splits => [.. manifest.Files.Select(file => file.Split).Distinct(StringComparer.Ordinal)];

    /// <summary>The licence's identifier and address; null where none was stated.</summary>
    public (string Id, string Url)? License { get; private init; }

    /// <summary>Opens the data set of a run's store.</summary>
    /// <exception cref="InvalidDataException">There is none, or its export has not ended.</exception>
    public static async Task<ExportedDataSet> OpenAsync(IShardStore store, CancellationToken stop)
    {
        var found =
            await ExportManifest.ReadAsync(store, stop)
            ?? throw new InvalidDataException(
                $"{ExportManifest.Uri} is not there; the run must have exported its data set. Add the stage export to the pipeline, and run it to the end."
            );
        return found.Complete
            ? new ExportedDataSet(store, found) { License = await LicenseAsync(store, stop) }
            : throw new InvalidDataException(
                $"{ExportManifest.Uri} lists {found.Files.Count} files and is not complete; the export must have ended. Give the run's command again."
            );
    }

    /// <summary>The rows of a split, in the order of its files.</summary>
    public async IAsyncEnumerable<ExportedRow> RowsAsync(string split, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var file in manifest.Files.Where(file => file.Split == split))
            await CheckAsync(file, stop); // before the first row: the digests in the files are compared after the last one
        var ids = new ExportedIds();
        await foreach (var table in TablesAsync(split, null, stop))
        {
            var others = table.Columns.Where(column => column.Name is not (Bytes or "label")).ToList();
            for (var row = 0; row < table.Rows; row++)
                yield return new ExportedRow(
                    ids.Next(table, row),
                    table.Get<byte[]?>(Bytes)[row] ?? throw Incomplete(split, Bytes),
                    table.Get<long?>("label")[row] ?? throw Incomplete(split, "label"),
                    table.Get<string?>("label_name")[row] ?? throw Incomplete(split, "label_name"),
                    split,
                    ExportedCaption.Of(table, row),
                    [.. others.Select(column => (column.Name, Export.Cells.Of(column, row)))]
                );
        }
    }

    /// <summary>The captions of a split, in the order of its rows, without reading an image.</summary>
    public async IAsyncEnumerable<string?> CaptionsAsync(string split, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var table in TablesAsync(split, ExportedCaption.Columns, stop))
        {
            for (var row = 0; row < table.Rows; row++)
                yield return ExportedCaption.Of(table, row);
        }
    }

    private async IAsyncEnumerable<ShardTable> TablesAsync(
        string split,
        Func<string, bool>? wanted,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        foreach (var file in manifest.Files.Where(file => file.Split == split))
        {
            var uri = Folder + file.File;
            var columns = wanted is null
                ? null
                : (await ShardFile.ReadSchemaAsync(store, uri, stop)).Select(field => field.Name).Where(wanted).ToList();
            await foreach (var table in ShardFile.ReadGroupsAsync(store, uri, columns, stop))
                yield return table;
        }
    }

    /// <summary>Refuses a file that is not the one that the manifest lists.</summary>
    private async Task CheckAsync(ExportedFile file, CancellationToken stop)
    {
        await using var bytes = await store.OpenReadAsync(Folder + file.File, stop);
        var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, stop));
        if (found != file.Sha256)
            throw new ShardDamagedException(Folder + file.File, $"its SHA-256 is {found} and the manifest says {file.Sha256}");
    }

    private static async Task<(string Id, string Url)?> LicenseAsync(IShardStore store, CancellationToken stop)
    {
        if (!await store.ExistsAsync(Croissant.Uri, stop))
            return null;
        using var description = JsonDocument.Parse(await store.ReadAllAsync(Croissant.Uri, stop));
        return
            description.RootElement.TryGetProperty("license", out var license)
            && license.ValueKind == JsonValueKind.String
            && license.GetString() is { } url
            ? (url[(url.LastIndexOf('/') + 1)..], url)
            : null;
    }

    private static InvalidDataException Incomplete(string split, string column) =>
        new(
            $"A row of split {split} has no {column}; every row must have one. Run the pipeline again, so that the data set is exported anew."
        );
}

/// <summary>Gives each row an id that no other row of its split has; an edit that is there several times stands in rows one after the other.</summary>
internal sealed class ExportedIds
{
    private string last = "";
    private int times;

    public string Next(ShardTable table, int row)
    {
        var id = table.Get<string?>("variant_id")[row] ?? table.Get<string?>("sample_id")[row] ?? "";
        times = id == last ? times + 1 : 1;
        last = id;
        return times == 1 ? id : FormattableString.Invariant($"{id}-{times}");
    }
}

/// <summary>Where a row's text stands: an edit's prompt, else the caption by a stage, else that of the input.</summary>
internal static class ExportedCaption
{
    private static readonly string[] Names = ["prompt", "caption", "manifest_caption"];

    /// <summary>Whether a column may hold it.</summary>
    public static bool Columns(string name) => Names.Contains(name) || IsOfStage(name);

    public static string? Of(ShardTable table, int row) =>
        Names
            .Concat(table.Columns.Select(column => column.Name).Where(IsOfStage))
            .Select(name => (table.Find(name) as ShardColumn<string?>)?.Values[row])
            .FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

    private static bool IsOfStage(string name) => name.EndsWith("_caption", StringComparison.Ordinal);
}
