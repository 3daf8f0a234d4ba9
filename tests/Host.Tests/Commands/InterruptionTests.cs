using System.Diagnostics;
using Pipeline.Host.Commands;

namespace Pipeline.Host.Tests.Commands;

public sealed class InterruptionTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Signal_in_mid_run_drains_within_seconds_and_the_same_command_goes_on()
    {
        var output = Path.Combine(folder.Root, "out");
        string[] arguments =
        [
            "run",
            "captions",
            "--input",
            folder.WriteImages(400),
            "--output",
            output,
            "--plain",
            "--set",
            "ingest.batch=2",
        ];
        using var process = Start(arguments);
        await UntilAsync(() => Shards(output) > 0 || process.HasExited);

        var sent = Stopwatch.StartNew();
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(Limit).Token);
        var took = sent.Elapsed;
        var status = await CommandLineResult.Of(StatusCommand.Create(), "status", output);
        var again = await CommandLineResult.Of(RunCommand.Create(RunHandlers.RunAsync), arguments);

        process.ExitCode.Should().Be(130);
        (await process.StandardError.ReadToEndAsync())
            .Should()
            .Be("Interrupted. The same command goes on from here." + Environment.NewLine);
        took.Should().BeLessThan(TimeSpan.FromSeconds(20));
        status.Line("state").Should().Equal("state", "interrupted");
        again.Code.Should().Be(0, again.Error);
        again.Output.Should().Contain("batches were there").And.Contain("account: samples 800 in = 800 kept");
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "pipeline"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    private static int Shards(string output) =>
        Directory.Exists(Path.Combine(output, "runs"))
            ? Directory
                .EnumerateFiles(Path.Combine(output, "runs"), "*.parquet", SearchOption.AllDirectories)
                .Count(path => path.Contains("/caption/", StringComparison.Ordinal))
            : 0;

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
