using Pipeline.Models.Images;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Report;

/// <summary>Writes the report of a run: a page, the same as Markdown, the facts as JSON, and the contact sheet.</summary>
/// <remarks>
/// <para>Reads the shards of ingest, edit, filter and select, <c>report/metrics.json</c> and the learning curves, as far as they are there.</para>
/// <para>Repeats: equal but for the times on the page, which are measurements.</para>
/// </remarks>
public sealed class ReportKind : WholeStageKind<ReportOptions>, IPlannedKind
{
    /// <inheritdoc/>
    public override string Name => "report";

    /// <inheritdoc/>
    public override int Version => 2;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Reads => ["ingest.uri", "edit.image", "filter.verdict"];

    /// <inheritdoc/>
    protected override async Task<WholeResult> WorkAsync(ReportOptions options, StageSite site, CancellationToken stop)
    {
        var shards = new RunShards(site.Run.Store, site.Run.Run);
        var verdicts = new Dictionary<string, VerdictRow>(StringComparer.Ordinal);
        await foreach (var (_, rows) in shards.ReadAllAsync<VerdictRow>("filter", stop))
        {
            foreach (var row in rows)
            {
                verdicts[row.VariantId] = row;
            }
        }

        var chosen = SheetChoice.Choose(verdicts.Values.Select(row => (row.SampleId, row.VariantId)), options, (ulong)site.Run.Seed);
        var edits = await EditsAsync(shards, [.. chosen.SelectMany(source => source.VariantIds)], stop);
        var originals = await OriginalsAsync(shards, [.. chosen.Select(source => source.SampleId)], stop);
        var sources = chosen
            .Select(source => new SheetSource(
                originals[source.SampleId].LabelName,
                Decode(originals[source.SampleId], site.Run.InputRoot),
                [
                    .. source.VariantIds.Select(id => new SheetEdit(
                        edits[id].Prompt,
                        verdicts[id].Verdict,
                        verdicts[id].Confidence,
                        ImageDecoder.Decode(edits[id].Image)
                    )),
                ]
            ))
            .ToList();
        var edited = verdicts.Values.Select(row => row.SampleId).Distinct(StringComparer.Ordinal).Count();
        var counts = ContactSheet.Counts(edited, [.. verdicts.Values.Select(row => row.Verdict)]);
        await ContactSheet.WriteAsync(site.Run.Store, site.Run.Pipeline.Name, counts, sources, stop);
        var source = new ReportSource(site.Run.Store, site.Run.Run, site.Run.Seed, site.Run.Pipeline, site.Run.InputRoot);
        await ReportFiles.WriteAsync(source, options, await RunAccounts.CountAsync(site.Run, stop), stop);
        return new WholeResult(sources.Count, [ContactSheet.Uri, ReportFiles.FactsUri, ReportFiles.MarkdownUri])
        {
            Measured = [ReportFiles.PageUri],
        };
    }

    private static RgbImage Decode(OriginalRow row, string root) =>
        ImageDecoder.Decode(SampleBytes.Read(root, row.Uri, row.Offset, row.Length, row.Image));

    private static async Task<Dictionary<string, EditRow>> EditsAsync(RunShards shards, HashSet<string> wanted, CancellationToken stop)
    {
        var found = new Dictionary<string, EditRow>(StringComparer.Ordinal);
        await foreach (var (_, rows) in shards.ReadAllAsync<EditRow>("edit", stop))
        {
            foreach (var row in rows.Where(row => wanted.Contains(row.VariantId)))
            {
                found[row.VariantId] = row;
            }
        }

        return found;
    }

    private static async Task<Dictionary<string, OriginalRow>> OriginalsAsync(
        RunShards shards,
        HashSet<string> wanted,
        CancellationToken stop
    )
    {
        var found = new Dictionary<string, OriginalRow>(StringComparer.Ordinal);
        await foreach (var (_, rows) in shards.ReadAllAsync<OriginalRow>("ingest", stop))
        {
            foreach (var row in rows.Where(row => wanted.Contains(row.SampleId)))
            {
                found[row.SampleId] = row;
            }
        }

        return found;
    }

    private sealed record VerdictRow(string SampleId, string VariantId, string Verdict, float Confidence);

    private sealed record EditRow(string VariantId, string Prompt, byte[] Image);

    private sealed record OriginalRow(string SampleId, string Uri, long Offset, long Length, byte[]? Image, string LabelName);

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) =>
        new()
        {
            Rows = 0,
            Bytes = 8_000_000,
            Work = TimeSpan.FromSeconds(4),
            Basis = "the report of the sample data",
        };
}
