using System.Diagnostics;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Programs in Python, which stand beside these tests.</summary>
internal static class PythonProgram
{
    /// <summary>The distribution's own: another one on the path does not see its packages.</summary>
    private const string Interpreter = "/usr/bin/python3";

    private static readonly Lazy<bool> Found = new(IsGood);

    /// <summary>The folder of the programs.</summary>
    public static string Folder { get; } = Path.Combine(SamplePictures.Repository, "tests", "EndToEnd.Tests", "Python");

    private static Dictionary<string, string> Environment =>
        new(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/bin:/bin",
            ["LC_ALL"] = "C.UTF-8",
            ["PYTHONPATH"] = Folder,
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        };

    /// <summary>Skips the test where there is no Python with what the programs import.</summary>
    public static void SkipWithout() =>
        Assert.SkipUnless(
            Found.Value,
            $"{Interpreter} with pika and xxhash is not there; infra/setup.sh --tests installs them where the packages have them"
        );

    /// <summary>Starts a program of the folder, or of the text that follows <c>-c</c>.</summary>
    public static RunningProgram Start(params string[] arguments) => RunningProgram.StartOther(Interpreter, arguments, Environment);

    /// <summary>Runs a program to its end, which must be a good one; gives what it printed.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        await using var program = Start(arguments);
        (await program.EndAsync()).Should().Be(0, program.Output);
        return program.Output;
    }

    private static bool IsGood()
    {
        if (!File.Exists(Interpreter))
        {
            return false;
        }

        var start = new ProcessStartInfo(Interpreter, ["-c", "import ctypes, pika, xxhash; ctypes.CDLL('libzstd.so.1')"])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var python = Process.Start(start) ?? throw new InvalidOperationException($"{Interpreter} did not start.");
        python.StandardError.ReadToEnd();
        python.WaitForExit();
        return python.ExitCode == 0;
    }
}
