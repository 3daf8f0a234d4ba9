using System.Diagnostics;

namespace Pipeline.Benchmarks.Peers;

/// <summary>Debian's Python, for which Debian's packages are.</summary>
internal static class DebianPython
{
    public const string Program = "/usr/bin/python3";

    /// <summary>Installs a package with apt-get where its module cannot be imported.</summary>
    /// <exception cref="InvalidOperationException">It could not be installed.</exception>
    public static async Task NeedAsync(string module, string package)
    {
        if (await ExitCodeAsync(Program, "-c", $"import {module}") == 0)
        {
            return;
        }

        await Console.Error.WriteLineAsync($"bench: installing Debian's {package} with apt-get, to compare with");
        string[] prefix = Environment.IsPrivilegedProcess ? [] : ["sudo", "-n"];
        string[] update = [.. prefix, "apt-get", "update", "-q"];
        string[] install = [.. prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", package];
        if (await ExitCodeAsync(update[0], update[1..]) != 0 || await ExitCodeAsync(install[0], install[1..]) != 0)
        {
            throw new InvalidOperationException(
                $"{package} could not be installed; it must be there to compare with. Install it and run again."
            );
        }
    }

    private static async Task<int> ExitCodeAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        _ = await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            await Console.Error.WriteAsync(errors);
        }

        return process.ExitCode;
    }
}
