using System.Globalization;
using System.Net;
using System.Text;
using Pipeline.Models.Images;
using Pipeline.Sdk;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Failures;

/// <summary>A page with a picture of everything that was set aside, and why. Lies in <c>quarantine/index.html</c>; needs no other file.</summary>
/// <param name="store">The store at the run's output directory.</param>
/// <param name="run">The run's id.</param>
/// <param name="root">The folder that uris of samples are relative to.</param>
public sealed class QuarantinePage(IShardStore store, string run, string root)
{
    /// <summary>Where it lies.</summary>
    public const string Uri = "quarantine/index.html";

    /// <summary>Rows that are shown; the page says how many more there are.</summary>
    public const int Most = 500;

    private const string Head = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Quarantine</title>
        <style>
        body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
        table { border-collapse: collapse; width: 100% }
        th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ddd }
        td.picture { width: 170px } img { display: block; max-width: 160px } .none { color: #777 } code { font-size: 12px; color: #555 }
        @media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } th, td { border-color: #444 } code, .none { color: #999 } }
        </style></head><body>

        """;

    /// <summary>Writes it.</summary>
    /// <param name="rows">What it shows, in this order.</param>
    /// <param name="stop">Ends the call; no page is left then.</param>
    public async Task WriteAsync(IReadOnlyList<QuarantineRow> rows, CancellationToken stop)
    {
        var page = new StringBuilder(Head)
            .Append(CultureInfo.InvariantCulture, $"<h1>Quarantine of run {Text(run)}</h1>\n<p>{rows.Count} set aside")
            .Append(rows.Count > Most ? string.Create(CultureInfo.InvariantCulture, $"; the first {Most} are shown") : "")
            .Append(".</p>\n<table><tr><th>picture</th><th>why</th><th>where</th></tr>\n");
        foreach (var row in rows.Take(Most))
        {
            page.Append("<tr><td class=\"picture\">")
                .Append(await PictureAsync(row, stop))
                .Append(CultureInfo.InvariantCulture, $"</td><td><b>{Text(row.Kind)}</b><br>{Text(row.Message)}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td>{Text(row.Stage)}, batch {row.Batch}<br>{Text(row.Uri ?? "")}<br>")
                .Append(
                    CultureInfo.InvariantCulture,
                    $"<code>{Text(row.SampleId ?? "")}<br>{Text(row.VariantId ?? "")}</code></td></tr>\n"
                );
        }

        page.Append("</table>\n</body></html>\n");
        await store.WriteAsync(Uri, Encoding.UTF8.GetBytes(page.ToString()), stop);
    }

    /// <summary>The source picture of the sample, as far as it can be decoded.</summary>
    private async Task<string> PictureAsync(QuarantineRow row, CancellationToken stop)
    {
        try
        {
            var thumbnail = Thumbnail.Of(ImageDecoder.Decode(await BytesAsync(row, stop)));
            return $"<img alt=\"\" width=\"{thumbnail.Width}\" height=\"{thumbnail.Height}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(thumbnail.Jpeg)}\">";
        }
        catch (Exception error) when (error is ImageRejectedException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return "<span class=\"none\">cannot be shown</span>";
        }
    }

    private async Task<byte[]> BytesAsync(QuarantineRow row, CancellationToken stop)
    {
        if (row.SampleId is null)
        {
            return await File.ReadAllBytesAsync(Path.Combine(root, row.Uri ?? ""), stop);
        }

        var rows = await new RunShards(store, run).ReadAsync<PictureRow>("ingest", row.Batch, stop);
        return rows.FirstOrDefault(sample => sample.SampleId == row.SampleId) is { } found
            ? SampleBytes.Read(root, found.Uri, found.Container, found.Offset, found.Length, found.Image)
            : throw new InvalidDataException($"Sample {row.SampleId} is not in batch {row.Batch}; it must be.");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private sealed record PictureRow(string SampleId, string Uri, string? Container, long Offset, long Length, byte[]? Image);
}
