using System.Security.Cryptography;
using System.Text;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Starts the program as a user would, and looks at what it leaves.</summary>
internal static class ProgramRun
{
    private const string Report = "report/index.html";

    public static readonly string[] Small =
    [
        "--set",
        "ingest.batch=8",
        "--set",
        "train.imageSize=32",
        "--set",
        "train.epochs=2",
        "--set",
        "train.batch=8",
        "--set",
        "train.seeds=1",
        "--set",
        "describe.limit=2",
    ];

    /// <summary>Runs to the end.</summary>
    public static async Task<(int Code, string Output)> StartAsync(
        IEnumerable<string> arguments,
        string? crashAt = null,
        string? faults = null
    )
    {
        await using var program = RunningProgram.Start(arguments, crashAt, faults);
        return (await program.EndAsync(), program.Output);
    }

    /// <summary>The arguments of <c>run</c>.</summary>
    public static string[] Arguments(string pipeline, string input, string output, params string[] more) =>
        ["run", pipeline, "--input", input, "--output", output, "--plain", .. more];

    /// <summary>What failed batches left, for the message of a failed test.</summary>
    public static string Failures(string directory) =>
        string.Concat(Directory.EnumerateFiles(directory, "*.failed.json", SearchOption.AllDirectories).Select(File.ReadAllText));

    /// <summary>Every file that must be equal after any interruption, with the hash of its bytes.</summary>
    public static SortedDictionary<string, string> Files(string directory)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(directory, path);
            if (
                name.EndsWith(".log.json", StringComparison.Ordinal)
                || name.StartsWith("ledger.db", StringComparison.Ordinal)
                || name is "run.json" or ".lock" // a run that hosts share has no lock
                || name.EndsWith("/ingest/index", StringComparison.Ordinal)
                || name.EndsWith(".failed.json", StringComparison.Ordinal) // times and stacks
                || name.StartsWith("replays/", StringComparison.Ordinal) // who asked for what, and when
            )
            {
                continue;
            }

            files[name] = Convert.ToHexString(SHA256.HashData(name == Report ? WithoutTimes(path) : File.ReadAllBytes(path)));
        }

        return files;
    }

    /// <summary>Names of the files that are not equal in two runs, or in one alone.</summary>
    public static IReadOnlyList<string> Differences(string directory, string other)
    {
        var (files, others) = (Files(directory), Files(other));
        return [.. files.Except(others).Concat(others.Except(files)).Select(file => file.Key).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The report's page without its one section of measurements.</summary>
    private static byte[] WithoutTimes(string path)
    {
        var page = File.ReadAllText(path);
        var from = page.IndexOf("<section id=\"times\">", StringComparison.Ordinal);
        var to = page.IndexOf("</section>", from, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(page.Remove(from, to - from));
    }
}
