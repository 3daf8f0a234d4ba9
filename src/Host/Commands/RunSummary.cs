using Pipeline.Host.View;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Report;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Commands;

/// <summary>What a run came to: the numbers, the account, where things lie, and what to do next.</summary>
internal static class RunSummary
{
    private static readonly (string What, string Where)[] Results =
    [
        ("report", "report/index.html"),
        ("data set", "augmented"),
        ("classifier", "model"),
        ("metrics", "report/metrics.json"),
        ("contact sheet", "report/contact-sheet.png"),
        ("quarantine", "quarantine"),
    ];

    /// <summary>Prints it.</summary>
    /// <param name="end">How the run ended.</param>
    /// <param name="directory">The output directory, absolute.</param>
    /// <param name="output">Where it is printed.</param>
    public static async Task PrintAsync(SessionEnd end, string directory, TextWriter output)
    {
        await output.WriteLineAsync($"\n{Headline(end)}");
        if (end.Fault is null)
            MetricsTable.Print(Path.Combine(directory, "report", "metrics.json"), output);
        if (end.Accounts.Count > 0)
            await output.WriteLineAsync();
        foreach (var account in end.Accounts)
            await output.WriteLineAsync($"account: {account}");
        foreach (var warning in await WarningsAsync(directory))
            await output.WriteLineAsync($"warning: {warning}");
        var table = new TextTable("output", Shown(directory));
        foreach (var (what, where) in Results)
        {
            var path = Path.Combine(directory, where);
            if (Path.Exists(path))
                table.Add(what, Shown(path));
        }

        await output.WriteLineAsync();
        table.Write(output);
        await output.WriteLineAsync($"\n{Next(end, directory)}");
    }

    private static async Task<IReadOnlyList<string>> WarningsAsync(string directory) =>
        File.Exists(Path.Combine(directory, ReportFiles.FactsUri))
        && await ReportFiles.ReadFactsAsync(new FolderStore(directory), CancellationToken.None) is { } report
            ? ReportWarnings.Of(report)
            : [];

    /// <summary>Relative to the working directory for what lies below it.</summary>
    internal static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static string Headline(SessionEnd end) =>
        end.Fault is { } fault ? $"The run is not finished: {fault}"
        : end.Unchanged ? "Nothing has changed since the run was finished; nothing was done."
        : end.FailedBatches > 0 ? $"The run is finished, but for {Batches(end.FailedBatches)} that failed."
        : "The run is finished.";

    private static string Next(SessionEnd end, string directory)
    {
        var run = Shown(Path.Combine(directory, "runs", end.Run));
        if (end.FailedBatches > 0)
            return $"Next: see why: pipeline failed {Shown(directory)}; mend the cause, and give the same command: it tries the failed batches again.";
        if (end.Fault is not null)
            return "Next: mend the cause, and give the same command: it goes on from here.";
        var page = Path.Combine(directory, "report", "index.html");
        return File.Exists(page)
            ? $"Next: open {Shown(page)} in a browser; then change an option, for example --set edit.strength=0.5, and run again: only what depends on it is done again."
            : $"Next: look at a shard: pipeline inspect {run}/STAGE/00000000.parquet";
    }

    private static string Batches(int count) => count == 1 ? "1 batch" : $"{Amounts.Count(count)} batches";
}
