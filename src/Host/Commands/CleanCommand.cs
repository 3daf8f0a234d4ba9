using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline clean</c>: shows what may go and how large it is, asks, removes.</summary>
internal static class CleanCommand
{
    /// <summary>The command; the answer is read from <paramref name="answers"/>, whose end means no.</summary>
    public static Command Create(TextReader answers)
    {
        var directory = new Argument<string>("DIR") { Description = "The output directory of a run." };
        var yes = new Option<bool>("--yes") { Description = "Removes without asking." };
        var command = new Command("clean", "Removes what a finished or interrupted run no longer needs; asks first.") { directory, yes };
        command.SetAction(
            (parsed, stop) =>
                CleanAsync(
                    OutputDirectory.Open(parsed.GetRequiredValue(directory)),
                    parsed.GetValue(yes),
                    answers,
                    parsed.InvocationConfiguration.Output,
                    stop
                )
        );
        return command;
    }

    private static async Task<int> CleanAsync(
        OutputDirectory directory,
        bool yes,
        TextReader answers,
        TextWriter output,
        CancellationToken stop
    )
    {
        // Held until the files are gone, so that no run begins on what is about to go.
        using var held = OutputLock.Take(directory.Root);
        var groups = CleanPlan.Of(directory);
        if (groups.Count == 0)
        {
            output.WriteLine("Nothing may go.");
            return ExitCode.Done;
        }

        var table = new TextTable("files", "size", "what");
        foreach (var group in groups)
            table.Add(Amounts.Count(group.Files.Count), Amounts.Bytes(group.Bytes), group.Name);
        table.Write(output);
        if (!yes && !await new Confirmation(answers).AsksAsync("Remove these files?", output, stop))
        {
            output.WriteLine("Nothing was removed.");
            return ExitCode.Done;
        }

        foreach (var file in groups.SelectMany(group => group.Files))
        {
            stop.ThrowIfCancellationRequested();
            File.Delete(file);
        }

        output.WriteLine($"Removed {Amounts.Bytes(groups.Sum(group => group.Bytes))}.");
        return ExitCode.Done;
    }
}
