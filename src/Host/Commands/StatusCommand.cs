using System.CommandLine;
using System.Globalization;
using Pipeline.Host.View;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline status</c>: what <c>run.json</c> says, and what the files say of every stage.</summary>
internal static class StatusCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The output directory of a run." };
        var command = new Command("status", "Says how far a run is, from its files.") { directory };
        command.SetAction(parsed => Print(OutputDirectory.Open(parsed.GetRequiredValue(directory)), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Print(OutputDirectory directory, TextWriter output)
    {
        var run = directory.Run;
        var facts = new TextTable("run", run.Id);
        facts.Add("state", run.State);
        facts.Add("pipeline", run.Pipeline ?? "–");
        facts.Add("input", run.Input ?? "–");
        facts.Add("seed", run.Seed.ToString(CultureInfo.InvariantCulture));
        facts.Add("started", run.Started ?? "–");
        facts.Write(output);
        output.WriteLine();

        var stages = new TextTable("stage", "shards", "failed", "bytes of shards");
        foreach (var files in StageFiles.Of(directory))
            stages.Add(files.Stage, Amounts.Count(files.Shards), Amounts.Count(files.Failed), Amounts.Bytes(files.ShardBytes));
        stages.Write(output);
        return ExitCode.Done;
    }
}
