using System.CommandLine;
using System.Globalization;
using Pipeline.Host.Commands.Cluster;
using Pipeline.Host.View;
using Pipeline.Stages.Runs.Cluster;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline status</c>: what <c>run.json</c> says, and what the files say of every stage.</summary>
internal static class StatusCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var directory = new Argument<string>("RUN") { Description = "The output directory of a run or, with --store, a run's id." };
        var store = StoreOption.Create(required: false);
        var command = new Command("status", "Says how far a run is, from its files.") { directory, store };
        command.SetAction(
            async (parsed, stop) =>
            {
                var (named, output) = (parsed.GetRequiredValue(directory), parsed.InvocationConfiguration.Output);
                if (parsed.GetValue(store) is null)
                {
                    return Print(OutputDirectory.Open(named), null, null, output);
                }

                var cluster = StoreOption.Open(parsed, store);
                var submission = await cluster.FindAsync(named, stop);
                var told = await cluster.ProgressAsync(named, stop);
                return Print(OutputDirectory.Open(cluster.Output(named)), submission, told, output);
            }
        );
        return command;
    }

    private static int Print(OutputDirectory directory, Submission? submission, HostedProgress? told, TextWriter output)
    {
        var run = directory.Run;
        var facts = new TextTable("run", run.Id);
        facts.Add("state", submission is null ? directory.State : RunWatch.State(submission, run));
        if (submission?.Wanted == WantedState.Running)
        {
            facts.Add("led by", told?.Host ?? "no host yet: one that serves ingest and all else that is done once a run must be there");
        }

        if (told?.Progress.Notice is { } notice)
        {
            facts.Add("notice", notice);
        }

        facts.Add("pipeline", run.Pipeline);
        facts.Add("input", run.Input);
        facts.Add("seed", run.Seed.ToString(CultureInfo.InvariantCulture));
        facts.Write(output);
        output.WriteLine();

        var found = StageFiles.Of(directory);
        var stages = new TextTable("stage", "shards", "failed", "size");
        foreach (var files in Pipeline(directory).Select(stage => Find(found, stage)).Concat(found).DistinctBy(files => files.Stage))
            stages.Add(files.Stage, Amounts.Count(files.Shards), Amounts.Count(files.Failed), Amounts.Bytes(files.Bytes));
        stages.Write(output);
        if (submission is { Wanted: WantedState.Paused })
        {
            output.WriteLine(
                $"\nNext: pipeline resume {run.Id} --store {RunSummary.Shown(Path.GetDirectoryName(directory.Root) ?? "")} --broker ADDRESS"
            );
        }
        else if (submission is not { Wanted: WantedState.Running } && Next(directory, found.Sum(files => files.Failed)) is { } next)
            output.WriteLine($"\n{next}");
        return ExitCode.Done;
    }

    private static StageFiles Find(IReadOnlyList<StageFiles> found, string stage) =>
        found.FirstOrDefault(files => files.Stage == stage) ?? new StageFiles(stage, 0, 0, 0);

    /// <summary>The stages in the pipeline's order; none when its file is missing or was changed by hand.</summary>
    private static IEnumerable<string> Pipeline(OutputDirectory directory)
    {
        try
        {
            return [.. directory.ReadPipeline().Stages.Select(stage => stage.Name)];
        }
        catch (Exception missing) when (missing is PipelineFileException or UsageException)
        {
            return [];
        }
    }

    private static string? Next(OutputDirectory directory, int failed) =>
        directory.State switch
        {
            "running" => null,
            "done" when failed == 0 => null,
            "done" =>
                $"{Amounts.Count(failed)} failed. Next, for why: pipeline failed {RunSummary.Shown(directory.Root)}; the run's own command tries them all again.",
            _ => "The run is not finished. The same command goes on with it.",
        };
}
