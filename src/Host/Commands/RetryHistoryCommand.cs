using System.CommandLine;
using System.Globalization;
using Pipeline.Host.View;
using Pipeline.Stages.Failures;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline retry-history</c>: who had failed batches tried again or gave them up, when, with what, and what came of it.</summary>
internal static class RetryHistoryCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var target = new RunTarget();
        var command = new Command("retry-history", "Says who replayed or dropped failed batches, when, and what came of it.");
        target.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var (run, output) = (target.Open(parsed), parsed.InvocationConfiguration.Output);
                var history = await ReplayOutcome.ReadAllAsync(run.Store, run.Id, stop);
                if (history.Count == 0)
                {
                    await output.WriteLineAsync("Nothing was replayed or dropped.");
                    return ExitCode.Done;
                }

                var table = new TextTable("replay", "by", "at", "batches", "done", "failed again", "open", "dropped", "asked for");
                foreach (var outcome in history)
                {
                    table.Add(
                        outcome.Audit.Id,
                        outcome.Audit.By,
                        outcome.Audit.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                        Amounts.Count(outcome.Claimed),
                        Amounts.Count(outcome.Done),
                        Amounts.Count(outcome.FailedAgain),
                        Amounts.Count(outcome.Open),
                        Amounts.Count(outcome.Dropped),
                        outcome.Audit.Asked
                    );
                }

                table.Write(output);
                return ExitCode.Done;
            }
        );
        return command;
    }
}
