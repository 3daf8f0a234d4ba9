using System.Globalization;
using System.Text.Json;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Commands;

/// <summary>What a run came to: where things lie, the numbers, and the account.</summary>
internal static class RunSummary
{
    public static async Task PrintAsync(SessionEnd end, string directory, TextWriter output)
    {
        await output.WriteLineAsync();
        if (end.Fault is { } fault)
        {
            await output.WriteLineAsync($"The run is not finished: {fault}");
        }
        else
        {
            await output.WriteLineAsync(
                end.Unchanged ? "Nothing has changed since the run was finished; nothing was done." : "The run is finished."
            );
        }

        await PrintMetricsAsync(Path.Combine(directory, "report", "metrics.json"), output);
        foreach (var account in end.Accounts)
        {
            await output.WriteLineAsync($"account: {account}");
        }

        foreach (
            var (what, where) in new[]
            {
                ("data set", "augmented"),
                ("classifier", "model"),
                ("metrics", Path.Combine("report", "metrics.json")),
                ("contact sheet", Path.Combine("report", "contact-sheet.png")),
            }
        )
        {
            var path = Path.Combine(directory, where);
            if (Path.Exists(path))
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what, -14} {path}"));
            }
        }

        if (end.FailedBatches > 0)
        {
            await output.WriteLineAsync(
                $"{end.FailedBatches} batches failed; see {Path.Combine(directory, "runs", end.Run)}/*/*.failed.json. The same command tries them again."
            );
        }
        else if (end.Fault is null)
        {
            await output.WriteLineAsync(
                "Next: look at the contact sheet, then set edit.strength or describe.limit with --set and run again."
            );
        }
    }

    private static async Task PrintMetricsAsync(string path, TextWriter output)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(path));
        await output.WriteLineAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{"training", -24} {"split", -12} {"seed", 4} {"accuracy", 9} {"balanced", 9} {"worst group", 12}"
            )
        );
        foreach (var row in document.RootElement.EnumerateArray())
        {
            var worst = row.GetProperty("worst_group");
            await output.WriteLineAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.GetProperty("training").GetString(), -24} {row.GetProperty("split").GetString(), -12} {row.GetProperty("seed").GetInt32(), 4} {row.GetProperty("accuracy").GetDouble(), 9:F3} {row.GetProperty("balanced_accuracy").GetDouble(), 9:F3} {(worst.ValueKind == JsonValueKind.Number ? worst.GetDouble().ToString("F3", CultureInfo.InvariantCulture) : "-"), 12}"
                )
            );
        }
    }
}
