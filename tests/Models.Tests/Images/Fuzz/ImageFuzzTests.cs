using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Models.Tests.Images.Fuzz;

/// <summary>Damaged files of every format: each ends as an image or a rejection, within ten seconds and the memory limit, and the process lives.</summary>
public sealed class ImageFuzzTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10); // for one case; the first has the start of the program with it

    [Fact]
    public async Task Five_thousand_damaged_files_end_as_an_image_or_a_rejection()
    {
        var end = await RunAsync("11,0,5000,none,-1", s_limit);

        end.Fault.Should().BeNull();
        end.Images.Should().BeInRange(500, 4500);
    }

    [Fact]
    [Trait("Form", "Long")]
    public async Task A_hundred_thousand_damaged_files_end_as_an_image_or_a_rejection()
    {
        var end = await RunAsync("12,0,100000,none,-1", s_limit);

        end.Fault.Should().BeNull();
        end.Images.Should().BeInRange(10_000, 90_000);
    }

    [Theory]
    [InlineData("crash", "ended with code 137")]
    [InlineData("hang", "no end within")]
    [InlineData("throw", "not a rejection")]
    [InlineData("memory", "the memory was at")]
    public async Task Case_that_brings_the_decoder_down_is_named(string fault, string said)
    {
        var end = await RunAsync($"13,40,20,{fault},45", TimeSpan.FromSeconds(5));

        end.Fault.Should().StartWith("case 45 of seed 13").And.Contain(said);
    }

    [Fact]
    public void Case_is_made_by_its_seed_and_number_alone()
    {
        var first = FuzzCase.Make(11, 123);

        var again = FuzzCase.Make(11, 123);

        again.Bytes.Should().Equal(first.Bytes);
        FuzzCase.Make(12, 123).Bytes.Should().NotEqual(first.Bytes);
    }

    private static async Task<(int Images, string? Fault)> RunAsync(string order, TimeSpan limit)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Pipeline.Models.Tests"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[FuzzChild.Variable] = order;
        start.Environment["MALLOC_ARENA_MAX"] = "1"; // pieces left free in several heaps look like a leak: 250 MB after 100,000 files
        using var child = Process.Start(start) ?? throw new InvalidOperationException("The test's own program did not start.");
        var seed = order.Split(',')[0];
        var last = "none";
        try
        {
            while (await ReadLineAsync(child, limit) is { } line)
            {
                if (line.StartsWith("done ", StringComparison.Ordinal))
                {
                    return (int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture), null);
                }
                if (line.StartsWith("fault ", StringComparison.Ordinal))
                {
                    return (0, $"case {last} of seed {seed}: {line["fault ".Length..]}");
                }
                last = line;
            }
            await child.WaitForExitAsync();
            return (0, $"case {last} of seed {seed}: the process ended with code {child.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            return (0, $"case {last} of seed {seed}: no end within {limit.TotalSeconds} s");
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

    private static async Task<string?> ReadLineAsync(Process child, TimeSpan limit)
    {
        using var alarm = new CancellationTokenSource(limit);
        return await child.StandardOutput.ReadLineAsync(alarm.Token);
    }
}
