using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Isolation.Serving;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline isolated</c>, which no person calls: the child process in which a run or a host tries samples that bring it down, or serves a stage that may.</summary>
internal static class IsolatedCommand
{
    private const string Name = "isolated";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var serve = new Option<bool>(ChildProgram.Serving) { Description = "Serves a whole stage instead." };
        var command = new Command(Name, "Tries samples alone, as a run asks for on standard input.") { serve };
        command.Hidden = true;
        // Signals to the whole group are the parent's: this ends when that does.
        command.SetAction(
            async (parsed, _) =>
            {
                AskToBeKilledFirst();
                if (parsed.GetValue(serve))
                {
                    using var own = OwnStreams.Take();
                    await ChildStage.ServeAsync(own.Input, own.Output, RunSession.Catalog, Program(), EndNow, TimeProvider.System);
                    return ExitCode.Done;
                }

                using var input = new StreamReader(Console.OpenStandardInput());
                await using var output = new StreamWriter(Console.OpenStandardOutput());
                await IsolatedItems.ServeAsync(input, output, RunSession.Catalog, EndNow, CancellationToken.None);
                return ExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>This program, by this command.</summary>
    public static ChildProgram Program()
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is not known; it must be.");
        return Path.GetFileName(self) == "dotnet"
            ? new ChildProgram(self, [Assembly.GetExecutingAssembly().Location, Name])
            : new ChildProgram(self, [Name]);
    }

    /// <summary>When memory runs out, the kernel takes the child and not its parent.</summary>
    private static void AskToBeKilledFirst()
    {
        const string MostLikely = "1000"; // proc(5), oom_score_adj
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", MostLikely);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // then the kernel chooses
        }
    }

    private static void EndNow()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
