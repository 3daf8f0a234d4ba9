namespace Pipeline.Stages.Export;

/// <summary>How often a stage that judges edits gave each verdict, over all edits of the run, exported or not.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Verdicts">Edits by verdict, in ordinal order.</param>
internal sealed record ExportVerdicts(string Stage, SortedDictionary<string, int> Verdicts)
{
    private const string Column = "verdict";
    private const string Keep = "keep";

    /// <summary>Edits judged.</summary>
    public int Total => Verdicts.Values.Sum();

    /// <summary>Edits with another verdict than <c>keep</c>.</summary>
    public int Removed => Total - Verdicts.GetValueOrDefault(Keep);

    /// <summary>Counts the verdicts of every describing stage that gives some.</summary>
    public static async Task<IReadOnlyList<ExportVerdicts>> ReadAsync(ExportRequest request, CancellationToken stop)
    {
        var found = new List<ExportVerdicts>();
        foreach (var stage in request.Describing)
        {
            var verdicts = new SortedDictionary<string, int>(StringComparer.Ordinal);
            foreach (var batch in request.Shards.Batches)
            {
                var fields = await request.Shards.FieldsAsync(stage, batch, stop) ?? [];
                if (
                    !fields.Any(field => field is { Name: Column, Type: { Kind: Shards.ShardKind.String, Nullable: false } })
                    || fields.All(field => field.Name != "variant_id")
                )
                    continue;
                foreach (var verdict in (await request.Shards.ReadAsync(stage, batch, [Column], stop))?.Get<string>(Column) ?? [])
                    verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + 1;
            }

            if (verdicts.Count > 0)
                found.Add(new ExportVerdicts(stage, verdicts));
        }

        return found;
    }
}
