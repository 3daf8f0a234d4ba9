using System.Diagnostics;
using Pipeline.Sdk;
using Pipeline.Stages.Isolation;

namespace Pipeline.Stages.Tests.Isolation;

/// <summary>What a process leaves that dies in a model call: its mark, which nobody holds.</summary>
internal static class DeadProcess
{
    private static int deaths;

    /// <summary>Leaves the mark of a process that died in the last of its calls; an empty call is one that came back.</summary>
    public static void Leave(string folder, params IReadOnlyList<Item<string>[]> calls)
    {
        var mark = CrashMark.Take(folder)!;
        foreach (var call in calls)
        {
            if (call.Length > 0)
            {
                mark.Write(call);
            }
            else
            {
                mark.Clear();
            }
        }

        // A copy is held by nobody.
        File.WriteAllText(Path.Combine(folder, $"dead-{Interlocked.Increment(ref deaths)}.mark"), Held(folder));
        mark.Dispose();
    }

    public static Item<string> Item(string sample, string? variant = null) => new(sample, variant, "");

    /// <summary>What the one mark says that is held; cat asks for no lock, as .NET does.</summary>
    public static string Held(string folder)
    {
        var path = Directory
            .GetFiles(folder, "*.mark")
            .Single(name => !Path.GetFileName(name).StartsWith("dead", StringComparison.Ordinal));
        using var cat = Process.Start(new ProcessStartInfo("/bin/cat", [path]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return cat.StandardOutput.ReadToEnd();
    }
}
