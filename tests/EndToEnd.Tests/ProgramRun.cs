using System.Diagnostics;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Starts the program as a user would.</summary>
internal static class ProgramRun
{
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

    public static async Task<(int Code, string Output)> StartAsync(
        IEnumerable<string> arguments,
        string? crashAt = null,
        TimeSpan? killAfter = null
    )
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "pipeline"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (crashAt is not null)
        {
            start.Environment["PIPELINE_CRASH_AT"] = crashAt;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(killAfter ?? TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException late)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            if (killAfter is null)
            {
                throw new TimeoutException($"The program did not end within 3 minutes. It printed: {await output}", late);
            }
        }

        return (process.ExitCode, await output + await error);
    }

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
                || name is "run.json"
                || name.EndsWith("/ingest/index", StringComparison.Ordinal)
            )
            {
                continue;
            }

            files[name] = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
        }

        return files;
    }
}
