using Pipeline.Sdk;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Runs;

/// <summary>Named points at which a test ends the process, as a power failure would, or has it fail.</summary>
public static class CrashPoint
{
    /// <summary>Environment variable that names the point, as <c>edit:publish.before</c>.</summary>
    public const string Variable = "PIPELINE_CRASH_AT";

    /// <summary>Environment variable that names a file with a point and a message a line, as <c>edit:batch.7 The model is not there.</c>; what stands there now fails with that message.</summary>
    public const string FaultVariable = "PIPELINE_FAIL_AT";

    private static readonly string? Named = Environment.GetEnvironmentVariable(Variable);
    private static readonly string? Faults = Environment.GetEnvironmentVariable(FaultVariable);

    /// <summary>Ends the process if it is to end here.</summary>
    /// <exception cref="InvalidOperationException">It is to fail here.</exception>
    public static void At(string point)
    {
        if (
            Faults is not null
            && Array.Find(File.ReadAllLines(Faults), line => line.StartsWith($"{point} ", StringComparison.Ordinal)) is { } fault
        )
        {
            throw new InvalidOperationException(fault[(point.Length + 1)..]);
        }

        if (Named is not null && point == Named)
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            self.Kill(); // SIGKILL: nothing is flushed, nothing is disposed
            Thread.CurrentThread.Join();
        }
    }

    /// <summary>In a model call: ends the process at <c>edit:call</c>, as whoever kills it does, and at <c>edit:call.ID</c>, as a model does that
    /// aborts on the sample or variant of that id.</summary>
    public static void InCall<T>(string stage, IReadOnlyList<Item<T>> items)
    {
        if (Named is null || !Named.StartsWith($"{stage}:call", StringComparison.Ordinal))
        {
            return;
        }

        At($"{stage}:call");
        if (items.Any(item => Named == $"{stage}:call.{item.VariantId ?? item.SampleId}"))
        {
            Environment.FailFast($"{Variable} is {Named}."); // abort(3)
        }
    }

    /// <summary>A folder store with a point before and after each step of a write.</summary>
    public static FolderStore Store(string root) => new(root, (point, uri) => At($"{StageOf(uri)}:{Word(point)}"));

    /// <summary>The stage that a file is of, which its folder tells.</summary>
    private static string StageOf(string uri) =>
        uri.Split('/') switch
        {
            ["runs", _, var stage, ..] => stage,
            ["quarantine", var stage, ..] => stage,
            ["augmented", ..] => "export",
            [var folder, ..] => folder,
            [] => "",
        };

    private static string Word(StorePoint point) =>
        point switch
        {
            StorePoint.BeforeTemporary => "write.before",
            StorePoint.AfterTemporary => "write.after",
            StorePoint.BeforeRename => "rename.before",
            _ => "rename.after",
        };
}
