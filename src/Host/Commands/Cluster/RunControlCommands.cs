using System.CommandLine;
using Pipeline.Stages.Runs.Cluster;

namespace Pipeline.Host.Commands.Cluster;

/// <summary><c>pipeline pause</c>, <c>resume</c> and <c>cancel</c>: change what is wanted of a submitted run.</summary>
internal static class RunControlCommands
{
    /// <summary><c>pipeline pause</c>.</summary>
    public static Command Pause() =>
        Create(
            "pause",
            "Hosts leave a run; its messages and files stay.",
            (submitter, run, stop) => submitter.PauseAsync(run, stop),
            "is paused. Next: pipeline resume"
        );

    /// <summary><c>pipeline resume</c>.</summary>
    public static Command Resume() =>
        Create(
            "resume",
            "Hosts serve a run anew, also when the broker has lost it: what is to do is found in the store.",
            (submitter, run, stop) => submitter.ResumeAsync(run, stop),
            "is served. Next: pipeline status"
        );

    /// <summary><c>pipeline cancel</c>.</summary>
    public static Command Cancel() =>
        Create(
            "cancel",
            "Ends a run for good; its messages go, its files stay.",
            (submitter, run, stop) => submitter.CancelAsync(run, stop),
            "is cancelled. To begin it again, submit it: what is done is reused"
        );

    private static Command Create(
        string name,
        string description,
        Func<RunSubmitter, string, CancellationToken, Task<Submission>> change,
        string told
    )
    {
        var broker = new BrokerOption();
        var store = StoreOption.Create();
        var run = new Argument<string>("RUN") { Description = "The run's id, as submit printed it." };
        var command = new Command(name, description) { run, store };
        broker.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                await using var transport = await broker.ConnectAsync(parsed, stop);
                var id = parsed.GetRequiredValue(run);
                await change(new RunSubmitter(StoreOption.Open(parsed, store), transport), id, stop);
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"{id} {told}.");
                return ExitCode.Done;
            }
        );
        return command;
    }
}
