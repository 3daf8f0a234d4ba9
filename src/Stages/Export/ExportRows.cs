using Pipeline.Shards;

namespace Pipeline.Stages.Export;

/// <summary>One row to come: where it lies and how large its image is.</summary>
/// <param name="Batch">Index of the batch.</param>
/// <param name="Row">Row of the ingest shard: the original itself, or the edit's source.</param>
/// <param name="Stage">The editing stage; null for an original.</param>
/// <param name="EditRow">Row of the edit shard; 0 for an original.</param>
/// <param name="Bytes">Size of the encoded image.</param>
internal readonly record struct ExportRow(int Batch, int Row, string? Stage, int EditRow, long Bytes);

/// <summary>Finds, without keeping any image, which rows go into the files of each split and in which order.</summary>
internal sealed class ExportRows(ExportRequest request)
{
    private const string TrainSplit = "train";

    private readonly Dictionary<int, Dictionary<string, int>> selected = request
        .Selected.GroupBy(edit => edit.Batch)
        .ToDictionary(
            batch => batch.Key,
            batch => batch.CountBy(edit => edit.VariantId, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal)
        );

    /// <summary>Rows of each split in order of batches; of one batch the originals, then its edits by variant id.</summary>
    public SortedDictionary<string, List<ExportRow>> BySplit { get; } = new(Comparer<string>.Create(CompareSplits));

    /// <summary>Selected edits whose source was to be left out.</summary>
    public int EditsLeftOut { get; private set; }

    /// <summary>Reads the ids of every batch.</summary>
    /// <exception cref="InvalidDataException">A selected edit is not there, or its source is not of the training split.</exception>
    public async Task FindAsync(CancellationToken stop)
    {
        foreach (var batch in request.Shards.Batches)
        {
            if (await request.Shards.ReadAsync(request.Ingest, batch, ["sample_id", "split", "length"], stop) is not { } ingest)
                continue;
            var ids = ingest.Get<string>("sample_id");
            var splits = ingest.Get<string>("split");
            var lengths = ingest.Get<long>("length");
            for (var row = 0; row < ids.Length; row++)
            {
                if (!IsOut(ids[row]))
                    Rows(splits[row]).Add(new ExportRow(batch, row, null, 0, lengths[row]));
            }

            if (selected.Remove(batch, out var wanted))
                await FindEditsAsync(batch, ids, splits, wanted, stop);
        }

        if (selected.Count > 0)
            throw NotThere(selected.Min(batch => batch.Key), selected.MinBy(batch => batch.Key).Value.Keys);
    }

    private async Task FindEditsAsync(int batch, string[] ids, string[] splits, Dictionary<string, int> wanted, CancellationToken stop)
    {
        var found = new SortedDictionary<string, ExportRow>(StringComparer.Ordinal);
        foreach (var stage in request.Editing)
        {
            if (await request.Shards.ReadAsync(stage, batch, ["sample_id", "variant_id", "image"], stop) is not { } edits)
                continue;
            var sources = edits.Get<string>("sample_id");
            var variants = edits.Get<string>("variant_id");
            var images = edits.Get<byte[]>("image");
            for (var row = 0; row < variants.Length; row++)
            {
                if (!wanted.ContainsKey(variants[row]))
                    continue;
                var source = Array.IndexOf(ids, sources[row]);
                if (source < 0 || splits[source] != TrainSplit)
                    throw new InvalidDataException(
                        $"The selected edit {variants[row]} is of sample {sources[row]}, which is not a training sample of batch {batch}; it must be one. Select again."
                    );
                found[variants[row]] = new ExportRow(batch, source, stage, row, images[row].LongLength);
            }
        }

        if (found.Count < wanted.Count)
            throw NotThere(batch, wanted.Keys.Where(variant => !found.ContainsKey(variant)));
        foreach (var (variant, row) in found)
        {
            if (IsOut(ids[row.Row]))
                EditsLeftOut += wanted[variant];
            else
                Rows(TrainSplit).AddRange(Enumerable.Repeat(row, wanted[variant]));
        }
    }

    private bool IsOut(string sample) => request.LeftOut.Contains(sample) || request.Dropped.ContainsKey(sample);

    private List<ExportRow> Rows(string split)
    {
        if (!BySplit.TryGetValue(split, out var rows))
            BySplit[split] = rows = [];
        return rows;
    }

    private static InvalidDataException NotThere(int batch, IEnumerable<string> variants) =>
        new(
            $"The selected edit {variants.Min(StringComparer.Ordinal)} is not in an edit shard of batch {batch}; it must be there. Select again, or give its editing stage."
        );

    private static int CompareSplits(string one, string other)
    {
        var rank = Rank(one).CompareTo(Rank(other));
        return rank != 0 ? rank : string.CompareOrdinal(one, other);
    }

    private static int Rank(string split) =>
        split switch
        {
            TrainSplit => 0,
            "validation" => 1,
            _ => 2,
        };
}
