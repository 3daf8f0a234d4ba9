using Pipeline.Shards;

namespace Pipeline.Stages.Export;

/// <summary>The columns of one batch from all stages, from which exported rows are put together.</summary>
internal sealed class ExportBatch
{
    private readonly ExportRequest request;
    private readonly ExportSchema schema;
    private readonly ShardTable ingest;
    private readonly Dictionary<string, ShardTable> editing = new(StringComparer.Ordinal);
    private readonly List<(string Stage, bool OfEdits, ShardTable Table, Dictionary<string, int> Rows)> describing = [];

    private ExportBatch(ExportRequest request, ExportSchema schema, ShardTable ingest) =>
        (this.request, this.schema, this.ingest) = (request, schema, ingest);

    /// <summary>Reads a batch's ingest shard, the edit shards if <paramref name="withEdits"/>, and what describes either.</summary>
    public static async Task<ExportBatch> ReadAsync(
        ExportRequest request,
        ExportSchema schema,
        int index,
        bool withEdits,
        CancellationToken stop
    )
    {
        var batch = new ExportBatch(
            request,
            schema,
            await WholeAsync(request, request.Ingest, index, stop) ?? throw Gone(request.Ingest, index)
        );
        foreach (var stage in withEdits ? request.Editing : [])
        {
            if (await WholeAsync(request, stage, index, stop) is { } edits)
                batch.editing[stage] = edits;
        }

        foreach (var stage in request.Describing)
        {
            if (await DescribedAsync(request, stage, index, stop) is not { } table)
                continue;
            var ofEdits = table.Find("variant_id") is not null;
            var keys = table.Get<string>(ofEdits ? "variant_id" : "sample_id");
            var rows = new Dictionary<string, int>(keys.Length, StringComparer.Ordinal);
            for (var row = 0; row < keys.Length; row++)
                rows[keys[row]] = row;
            batch.describing.Add((stage, ofEdits, table, rows));
        }

        return batch;
    }

    /// <summary>The cells of one row, by exported name; a column that is not named is null.</summary>
    /// <exception cref="InvalidDataException">The original has changed since it was ingested, or its label has no class.</exception>
    public Dictionary<string, object?> CellsOf(ExportRow row)
    {
        var cells = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var name in (string[])["label_name", "split", "group", "sample_id"])
            cells[name] = ingest.Find(name) is { } column ? Cells.Of(column, row.Row) : null;
        foreach (var name in schema.Carried)
            cells[schema.CarriedName(name)] = ingest.Find(name) is { } column ? Cells.Of(column, row.Row) : null;
        cells["label"] = Label(ingest.Get<int>("label")[row.Row]);
        if (row.Stage is null)
            AddOriginal(cells, row);
        else
            AddEdit(cells, row, row.Stage);
        return cells;
    }

    private void AddOriginal(Dictionary<string, object?> cells, ExportRow row)
    {
        var uri = ingest.Get<string>("uri")[row.Row];
        var embedded = ingest.Find("image") is ShardColumn<byte[]> image ? image.Values[row.Row] : null;
        var file = ingest.Find("container") is { } container && Cells.Of(container, row.Row) is string path ? path : uri;
        cells["image.bytes"] = embedded ?? SourceBytes.Read(request.InputRoot, file, ingest.Get<long>("offset")[row.Row], row.Bytes);
        cells["image.path"] = uri;
        cells["source"] = "original";
        Describe(cells, ingest.Get<string>("sample_id")[row.Row], ofEdits: false);
    }

    private void AddEdit(Dictionary<string, object?> cells, ExportRow row, string stage)
    {
        var edits = editing.TryGetValue(stage, out var table) ? table : throw Gone(stage, row.Batch);
        var variant = edits.Get<string>("variant_id")[row.EditRow];
        var bytes = edits.Get<byte[]>("image")[row.EditRow];
        cells["image.bytes"] = bytes;
        cells["image.path"] = bytes is [0x89, (byte)'P', ..] ? $"{variant}.png" : $"{variant}.jpg";
        cells["variant_id"] = variant;
        cells["prompt"] = edits.Find("prompt") is { } prompt ? Cells.Of(prompt, row.EditRow) : null;
        cells["source"] = stage;
        Add(cells, stage, edits, row.EditRow);
        Describe(cells, variant, ofEdits: true);
    }

    private void Describe(Dictionary<string, object?> cells, string key, bool ofEdits)
    {
        foreach (var (stage, describesEdits, table, rows) in describing)
        {
            if (describesEdits == ofEdits && rows.TryGetValue(key, out var row))
                Add(cells, stage, table, row);
        }
    }

    private void Add(Dictionary<string, object?> cells, string stage, ShardTable table, int row)
    {
        foreach (var name in schema.AddedBy(stage))
        {
            if (table.Find(name) is { } column)
                cells[ExportSchema.NameOf(stage, name)] = Cells.Of(column, row);
        }
    }

    private long Label(int label) =>
        label >= 0 && label < request.ClassNames.Count
            ? label
            : throw new InvalidDataException(
                $"A label is {label}; it must be between 0 and {request.ClassNames.Count - 1}, one of the classes. Check the class names of the run."
            );

    private static async Task<ShardTable?> DescribedAsync(ExportRequest request, string stage, int index, CancellationToken stop) =>
        await request.Shards.FieldsAsync(stage, index, stop) is { } fields
            ? await request.Shards.ReadAsync(
                stage,
                index,
                [.. fields.Where(field => ExportSchema.IsCarried(field.Type.Kind)).Select(field => field.Name)],
                stop
            )
            : null;

    private static async Task<ShardTable?> WholeAsync(ExportRequest request, string stage, int index, CancellationToken stop) =>
        await request.Shards.FieldsAsync(stage, index, stop) is { } fields
            ? await request.Shards.ReadAsync(stage, index, [.. fields.Select(field => field.Name)], stop)
            : null;

    private static InvalidDataException Gone(string stage, int index) =>
        new($"The shard of stage {stage}, batch {index}, is gone; it must stay while the data set is exported. Run the pipeline again.");
}
