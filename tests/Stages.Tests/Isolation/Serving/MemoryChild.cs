using Pipeline.Stages.Isolation;
using Pipeline.Stages.Isolation.Serving;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Transport.Piped;

namespace Pipeline.Stages.Tests.Isolation.Serving;

/// <summary>A child in the process of the test: it serves as the program does, and dies by having its ends cut off.</summary>
internal sealed class MemoryChild : IChild
{
    private readonly MemoryPipe pipe = new();
    private readonly TaskCompletionSource<string> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MemoryChild() { }

    /// <summary>One that serves.</summary>
    public static MemoryChild Serving(StageCatalog catalog, TimeProvider clock)
    {
        var child = new MemoryChild();
        var alone = new ChildProgram("/bin/false", []);
        _ = Task.Run(async () =>
        {
            var ends = child.pipe;
            await ChildStage.ServeAsync(ends.ChildInput, ends.ChildOutput, catalog, alone, () => child.Die("signal 9"), clock);
            child.Die("exit code 0");
        });
        return child;
    }

    /// <summary>One that does not say a word.</summary>
    public static MemoryChild Mute() => new();

    public TextWriter Input => pipe.ParentOutput;

    public TextReader Output => pipe.ParentInput;

    public void Die(string how)
    {
        if (end.TrySetResult(how))
        {
            pipe.EndChild();
        }
    }

    public Task<string> EndAsync() => end.Task;

    public void Kill() => Die("signal 9");

    public ValueTask DisposeAsync()
    {
        Kill();
        return ValueTask.CompletedTask;
    }
}
