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
    public override IReadOnlyList<string> OptionalReads =>
        [
            "safety.verdict",
            "semantic.verdict",
            "quality.verdict",
            "giqa.verdict",
            "duplicates.verdict",
            "safety-originals.flagged",
            "semantic-originals.passes",
        ];

    /// <inheritdoc/>
    protected override async Task<WholeResult> WorkAsync(ReportOptions options, StageSite site, CancellationToken stop)
    {
        var source = new ReportSource(site.Run.Store, site.Run.Run, site.Run.Seed, site.Run.Pipeline, site.Run.InputRoot);
        var report = await ReportFiles.WriteAsync(source, options, await RunAccounts.CountAsync(site.Run, stop), stop);
        return new WholeResult(report.Funnel.Made, [ContactSheet.Uri, ReportFiles.FactsUri, ReportFiles.MarkdownUri])
        {
            Measured = [ReportFiles.PageUri],
        };
    }

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
