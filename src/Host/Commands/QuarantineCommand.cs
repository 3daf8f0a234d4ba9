using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pipeline.Host.View;

namespace Pipeline.Host.Commands;

/// <summary>A sample or variant that was set aside; field for field as in <c>quarantine/{stage}/{batch:D8}.json</c>.</summary>
/// <param name="SampleId">32 hexadecimal digits; null where the bytes could not be read.</param>
/// <param name="VariantId">32 hexadecimal digits; null when it is the sample itself.</param>
/// <param name="Stage">Which stage set it aside.</param>
/// <param name="Kind">Kind of the error, one word.</param>
/// <param name="Message">The error.</param>
/// <param name="Uri">Relative to the input root.</param>
/// <param name="Batch">Index of the batch.</param>
internal sealed record QuarantineRow(
    string? SampleId,
    string? VariantId,
    string? Stage,
    string? Kind,
    string? Message,
    string? Uri,
    int Batch
);

/// <summary><c>pipeline quarantine</c>: a line for everything that was set aside.</summary>
internal static class QuarantineCommand
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The output directory of a run." };
        var command = new Command("quarantine", "Lists the samples that were set aside, and why.") { directory };
        command.SetAction(parsed =>
            Print(OutputDirectory.Open(parsed.GetRequiredValue(directory)).Root, parsed.InvocationConfiguration.Output)
        );
        return command;
    }

    private static int Print(string root, TextWriter output)
    {
        var rows = Read(root);
        if (rows.Count == 0)
        {
            output.WriteLine("Nothing is in quarantine.");
            return ExitCode.Done;
        }

        var table = new TextTable("stage", "batch", "sample", "variant", "kind", "uri", "message");
        foreach (var row in rows)
        {
            table.Add(
                row.Stage ?? "–",
                row.Batch.ToString(CultureInfo.InvariantCulture),
                row.SampleId ?? "–",
                row.VariantId ?? "–",
                row.Kind ?? "–",
                row.Uri ?? "–",
                row.Message ?? "–"
            );
        }

        table.Write(output);
        output.WriteLine($"{Amounts.Count(rows.Count)} in quarantine.");
        return ExitCode.Done;
    }

    /// <summary>Every row below <c>quarantine/</c>, by path and then as written.</summary>
    private static List<QuarantineRow> Read(string root)
    {
        var folder = Path.Combine(root, "quarantine");
        return Directory.Exists(folder)
            ?
            [
                .. Directory
                    .EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
                    .Where(path => !Path.GetFileName(path).StartsWith('.'))
                    .Order(StringComparer.Ordinal)
                    .SelectMany(Rows),
            ]
            : [];
    }

    private static QuarantineRow[] Rows(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<QuarantineRow[]>(File.ReadAllBytes(path), Form) ?? [];
        }
        catch (JsonException error)
        {
            throw new UsageException(
                $"{path} is not a list of quarantine rows: {error.Message} It must be as the run wrote it. Run the same command again."
            );
        }
    }
}
