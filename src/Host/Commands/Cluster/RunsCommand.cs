using System.CommandLine;
using System.Globalization;
using Pipeline.Host.View;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;

namespace Pipeline.Host.Commands.Cluster;

/// <summary><c>pipeline runs</c>: what was submitted to a store, and how far it is.</summary>
internal static class RunsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var store = StoreOption.Create();
        var command = new Command("runs", "Lists the runs that were submitted to a store.") { store };
        command.SetAction((parsed, stop) => PrintAsync(StoreOption.Open(parsed, store), parsed.InvocationConfiguration.Output, stop));
        return command;
    }

    private static async Task<int> PrintAsync(ClusterStore cluster, TextWriter output, CancellationToken stop)
    {
        var table = new TextTable("run", "state", "pipeline", "batches", "failed", "priority", "led by");
        var runs = await cluster.ListAsync(stop);
        foreach (var submission in runs)
        {
            var run = await RunFile.ReadAsync(new Shards.Stores.FolderStore(cluster.Output(submission.Run)), stop);
            var told = await cluster.ProgressAsync(submission.Run, stop);
            var batches = told?.Progress.Stages.Where(stage => stage.Step == "batch").ToList() ?? [];
            table.Add(
                submission.Run,
                RunWatch.State(submission, run),
                run?.Pipeline ?? "",
                batches.Count == 0
                    ? ""
                    : $"{Amounts.Count(batches.Min(stage => stage.Done))}/{Amounts.Count(batches.Max(stage => stage.Total))}",
                Amounts.Count(batches.Sum(stage => stage.Failed)),
                submission.Priority.ToString(CultureInfo.InvariantCulture),
                submission.Wanted == WantedState.Running ? told?.Host ?? "" : ""
            );
        }

        table.Write(output);
        if (runs.Count == 0)
        {
            output.WriteLine(
                $"\nNothing was submitted to {cluster.Root}. Next: pipeline submit PIPELINE --input PATH --store … --broker …"
            );
        }

        return ExitCode.Done;
    }
}
