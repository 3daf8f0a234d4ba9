using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pipeline.Benchmarks.Shards;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>What the broker adds to a whole run: seconds of the preset starter over the sample data through a host and a broker, by those of <c>pipeline run</c>.</summary>
/// <remarks>In turn, each with a folder and, over the broker, a host of its own; from the start of <c>submit --wait</c> or <c>run</c> to its end. The host is
/// up before, as a service is, and compiles its code within the time as the embedded run does; medians.</remarks>
internal static class OverheadBench
{
    private const int Rounds = 3;
    private const double Wanted = 1.15;
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "pipeline");

    /// <summary>Takes the number of rounds, of two minutes or more each; 3 if it is left out.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : Rounds;
        await using var broker = await BenchBroker.StartAsync();
        var folder = Directory.CreateTempSubdirectory("bench-overhead-").FullName;
        try
        {
            string[] job = ["starter", "--input", Samples()];
            var (embedded, queued) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                embedded.Add(await TimedAsync(["run", .. job, "--output", Path.Combine(folder, $"{round}-run"), "--plain"]));
                queued.Add(
                    await HostedAsync(job, ["--broker", broker.Address.OriginalString, "--store", Path.Combine(folder, $"{round}-store")])
                );
            }

            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        bench = "overhead",
                        ratio = Math.Round(Pair.Median(queued) / Pair.Median(embedded), 3),
                        wanted = Wanted,
                        broker_seconds = Math.Round(Pair.Median(queued), 1),
                        embedded_seconds = Math.Round(Pair.Median(embedded), 1),
                        rounds,
                        broker = broker.Version,
                    }
                )
            );
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> HostedAsync(string[] job, string[] place)
    {
        using var host = Launch(["host", .. place, "--stages", "all"]);
        try
        {
            if (await host.StandardOutput.ReadLineAsync().WaitAsync(Start) is null)
            {
                throw new InvalidOperationException("The host ended; what it said is above.");
            }

            _ = host.StandardOutput.ReadToEndAsync();
            return await TimedAsync(["submit", .. job, .. place, "--wait", "--plain"]);
        }
        finally
        {
            host.Kill(entireProcessTree: true);
            await host.WaitForExitAsync();
        }
    }

    private static async Task<double> TimedAsync(string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        using var program = Launch(arguments);
        var output = await program.StandardOutput.ReadToEndAsync();
        await program.WaitForExitAsync();
        return program.ExitCode == 0
            ? clock.Elapsed.TotalSeconds
            : throw new InvalidOperationException($"pipeline {string.Join(' ', arguments)} ended with code {program.ExitCode}: {output}");
    }

    private static Process Launch(string[] arguments) =>
        Process.Start(new ProcessStartInfo(Program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })
        ?? throw new InvalidOperationException($"{Program} did not start.");

    private static string Samples()
    {
        var above = new DirectoryInfo(AppContext.BaseDirectory);
        while (above is not null && !File.Exists(Path.Combine(above.FullName, "Pipeline.sln")))
        {
            above = above.Parent;
        }

        return Path.Combine(
            above?.FullName
                ?? throw new DirectoryNotFoundException(
                    $"No folder above {AppContext.BaseDirectory} holds Pipeline.sln; the sample data lie beside it. Run from the repository."
                ),
            "samples",
            "stampbirds"
        );
    }
}
