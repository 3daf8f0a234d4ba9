using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Page;
using Pipeline.Stages.Report.Pictures;
using Pipeline.Stages.Report.Text;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Report;

/// <summary>The files of a report, which lie in <c>report/</c>: made by the stage, and anew from a finished run's files.</summary>
public static class ReportFiles
{
    /// <summary>The page.</summary>
    public const string PageUri = "report/index.html";

    /// <summary>The same as Markdown.</summary>
    public const string MarkdownUri = "report/report.md";

    /// <summary>The facts.</summary>
    public const string FactsUri = "report/report.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Gathers the facts of a run and writes its files: page, Markdown, facts and contact sheet.</summary>
    /// <exception cref="InvalidDataException">A file of the run is of another form.</exception>
    public static async Task<RunReport> WriteAsync(
        ReportSource source,
        ReportOptions options,
        IReadOnlyList<RunAccount> accounts,
        CancellationToken stop
    )
    {
        var (shown, sheet) = (new PairChoice(options.Pairs, (ulong)source.Seed), new SheetChoice(options, (ulong)source.Seed));
        var report = await new ReportReader(
            source,
            edit =>
            {
                shown.Add(edit);
                sheet.Add(edit);
            }
        ).ReadAsync(accounts, stop);
        var pictures = new PictureReader(new RunShards(source.Store, source.Run), source.InputRoot);
        await DrawSheetAsync(source, report, sheet.Chosen, pictures, stop);
        var small = await pictures.ReadAsync(shown.Chosen, Thumbnail.Of, stop);
        var pairs = shown.Chosen.Select(edit => new PicturePair(edit, small[edit.VariantId].Before, small[edit.VariantId].After)).ToList();
        var times = await RunTimes.ReadAsync(source, stop);
        await source.Store.WriteAsync(FactsUri, JsonSerializer.SerializeToUtf8Bytes(report, Json), stop);
        await source.Store.WriteAsync(MarkdownUri, Encoding.UTF8.GetBytes(MarkdownReport.Render(report)), stop);
        await source.Store.WriteAsync(PageUri, Encoding.UTF8.GetBytes(HtmlReport.Render(report, pairs, times)), stop);
        return report;
    }

    private static async Task DrawSheetAsync(
        ReportSource source,
        RunReport report,
        IReadOnlyList<IReadOnlyList<JudgedEdit>> chosen,
        PictureReader pictures,
        CancellationToken stop
    )
    {
        var large = await pictures.ReadAsync(chosen.SelectMany(edits => edits), picture => picture, stop);
        var rows = chosen.Select(edits => new SheetSource(
            edits[0].Class,
            large[edits[0].VariantId].Before,
            [.. edits.Select(edit => new SheetEdit(edit.Prompt, edit.Verdict ?? "", (float)edit.Confidence, large[edit.VariantId].After))]
        ));
        var counts = ContactSheet.Counts(report.Edited, report.Funnel);
        await ContactSheet.WriteAsync(source.Store, source.Pipeline.Name, counts, [.. rows], stop);
    }

    /// <summary>The facts that a run left; null when it left none.</summary>
    /// <exception cref="InvalidDataException">The file is of another form.</exception>
    public static async Task<RunReport?> ReadFactsAsync(IShardStore store, CancellationToken stop)
    {
        if (!await store.ExistsAsync(FactsUri, stop))
            return null;
        try
        {
            return JsonSerializer.Deserialize<RunReport>(await store.ReadAllAsync(FactsUri, stop), Json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{FactsUri} is not the facts of a report ({error.Message}); it must be as the program wrote it. Make it anew with: pipeline report DIR",
                error
            );
        }
    }
}
