using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Pipeline.Stages.Tests.Export.Formats;

/// <summary>Python's standard library, a reader that has nothing in common with ours; tests that ask it are skipped where there is none.</summary>
internal static class Python
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Runs a script with arguments and reads the JSON that it prints.</summary>
    public static async Task<JsonNode> JsonAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["-c", script, .. arguments])
            start.ArgumentList.Add(argument);
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no python3 on this machine.");
        }

        using (process)
        {
            using var limit = new CancellationTokenSource(Limit);
            var output = process!.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            process.ExitCode.Should().Be(0, await error);
            return JsonNode.Parse(await output)!;
        }
    }
}
