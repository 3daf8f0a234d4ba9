using System.Diagnostics;
using System.Globalization;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Checks a finished run from its files alone, by a program that shares no code with ours (<c>Readers/accountant.mjs</c>, on Node).</summary>
internal static class Accountant
{
    private static readonly string Program = Path.Combine(SamplePictures.Repository, "artifacts", "readers", "accountant.mjs");

    /// <summary>Whether it can be asked.</summary>
    public static bool IsThere => File.Exists(Program);

    /// <summary>Skips a test that cannot ask it.</summary>
    public static void SkipWithoutOne() => Assert.SkipUnless(IsThere, "hyparquet is not there; infra/setup.sh --tests installs it");

    /// <summary>What is wrong, a sentence each, and last a line that counts; <c>0 findings</c> ends that of a good run.</summary>
    /// <param name="directory">The run's output directory.</param>
    /// <param name="samples">Samples that went in.</param>
    /// <param name="aside">Files, relative to the input, that must have been set aside; no other may be.</param>
    public static async Task<IReadOnlyList<string>> CheckAsync(string directory, int samples, params IEnumerable<string> aside)
    {
        var start = new ProcessStartInfo(
            "node",
            [
                Program,
                directory,
                "--samples",
                samples.ToString(CultureInfo.InvariantCulture),
                .. aside.SelectMany(uri => new[] { "--aside", uri }),
            ]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var node = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
        var errors = node.StandardError.ReadToEndAsync();
        var text = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return [.. (text + await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
