using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Models.Tests.Fuzz;

/// <summary>What a fuzz run came to.</summary>
/// <param name="Read">Damaged files that could be read all the same.</param>
/// <param name="Fault">Which case broke the promise and how, or null.</param>
internal readonly record struct FuzzEnd(int Read, string? Fault);

/// <summary>Lets a reader read damaged files in a process of its own: a crash, a hang, a wrong error or too much memory is reported with the case's number.</summary>
internal static class FuzzRun
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20); // for one case; the first has the start of the program with it

    /// <summary>Runs the cases <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> of a seed.</summary>
    public static Task<FuzzEnd> OfAsync<TTarget>(int seed, int count, int first = 0)
        where TTarget : IFuzzTarget, new() => OfAsync<TTarget>($"{seed},{first},{count},none,-1", s_limit);

    /// <summary>Runs what <see cref="FuzzChild.Variable"/> says after the target's name.</summary>
    internal static async Task<FuzzEnd> OfAsync<TTarget>(string order, TimeSpan limit)
        where TTarget : IFuzzTarget, new()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Pipeline.Models.Tests"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[FuzzChild.Variable] = $"{typeof(TTarget).FullName},{order}";
        start.Environment["MALLOC_ARENA_MAX"] = "1"; // pieces left free in several heaps look like a leak: 250 MB after 100,000 files
        using var child = Process.Start(start) ?? throw new InvalidOperationException("The test's own program did not start.");
        try
        {
            return await EndAsync(child, order.Split(',')[0], limit);
        }
        finally
        {
            if (!child.HasExited)
            {
                child.Kill();
                await child.WaitForExitAsync();
            }
        }
    }

    private static async Task<FuzzEnd> EndAsync(Process child, string seed, TimeSpan limit)
    {
        var last = "none";
        try
        {
            while (await ReadLineAsync(child, limit) is { } line)
            {
                if (line.StartsWith("done ", StringComparison.Ordinal))
                {
                    return new FuzzEnd(int.Parse(line["done ".Length..], CultureInfo.InvariantCulture), null);
                }
                if (line.StartsWith("fault ", StringComparison.Ordinal))
                {
                    return new FuzzEnd(0, $"case {last} of seed {seed}: {line["fault ".Length..]}");
                }
                last = line;
            }
            await child.WaitForExitAsync();
            return new FuzzEnd(0, $"case {last} of seed {seed}: the process ended with code {child.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            return new FuzzEnd(0, $"case {last} of seed {seed}: no end within {limit.TotalSeconds} s");
        }
    }

    private static async Task<string?> ReadLineAsync(Process child, TimeSpan limit)
    {
        using var alarm = new CancellationTokenSource(limit);
        return await child.StandardOutput.ReadLineAsync(alarm.Token);
    }
}
