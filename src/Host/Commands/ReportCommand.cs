using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Report;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline report</c>: makes the report of a finished run anew, from its files.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The output directory of a finished run." };
        var command = new Command("report", "Makes the report of a finished run anew, from its files.") { directory };
        command.SetAction(
            (parsed, stop) =>
                WriteAsync(OutputDirectory.Open(parsed.GetRequiredValue(directory)), parsed.InvocationConfiguration.Output, stop)
        );
        return command;
    }

    private static async Task<int> WriteAsync(OutputDirectory directory, TextWriter output, CancellationToken stop)
    {
        if (directory.State != "done")
            throw new UsageException(
                $"The run in {directory.Root} is {directory.State}; it must be done. Give the run's command again, and wait for its end."
            );
        var run = directory.Run;
        var pipeline = RunSession.Read(Path.Combine(directory.Root, "pipeline.yaml"), [], directory.Kinds);
        var options =
            pipeline.Stages.Select(stage => stage.Options).OfType<ReportOptions>().FirstOrDefault()
            ?? throw new UsageException(
                $"The pipeline of {directory.Root} has no stage report; it must have one, and edits to tell of. Run a pipeline that has, such as starter."
            );
        var store = new FolderStore(directory.Root);
        if ((await new RunShards(store, run.Id).BatchesAsync("ingest", stop)).Count == 0)
            throw new UsageException(
                $"The shards of {directory.Root} were cleaned; they must be there to make the report from. The report of the run is still in report/; "
                    + "the run's command makes the shards again."
            );
        // Held until the files are written, so that no run begins on what is read.
        using var held = OutputLock.Take(directory.Root);
        var root = Directory.Exists(run.Input) ? run.Input : Path.GetDirectoryName(run.Input) ?? run.Input;
        var report = await ReportFiles.WriteAsync(
            new ReportSource(store, run.Id, run.Seed, pipeline, root),
            options,
            await RunAccounts.ReadAsync(store, stop),
            stop
        );
        await output.WriteLineAsync($"{TextTable.Clean(Finding.Of(report).Sentence)}\n");
        var files = new TextTable("report", RunSummary.Shown(Path.Combine(directory.Root, ReportFiles.PageUri)));
        files.Add("as Markdown", RunSummary.Shown(Path.Combine(directory.Root, ReportFiles.MarkdownUri)));
        files.Add("as JSON", RunSummary.Shown(Path.Combine(directory.Root, ReportFiles.FactsUri)));
        files.Write(output);
        return ExitCode.Done;
    }
}
