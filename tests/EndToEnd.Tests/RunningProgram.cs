using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Pipeline.EndToEnd.Tests;

/// <summary>The program while it runs: what it has printed, signals to it, and its memory.</summary>
internal sealed partial class RunningProgram : IAsyncDisposable
{
    private const int Interruption = 2; // SIGINT, as Ctrl-C sends
    private const int Termination = 15; // SIGTERM, as a service manager sends
    private const int Halt = 19; // SIGSTOP
    private const int Continuation = 18; // SIGCONT
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private readonly Process process;
    private readonly StringBuilder printed = new();
    private readonly Stopwatch watch = Stopwatch.StartNew();

    private RunningProgram(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Print(line.Data);
        process.ErrorDataReceived += (_, line) => Print(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>All that it has printed so far, standard error too.</summary>
    public string Output
    {
        get
        {
            lock (printed)
            {
                return printed.ToString();
            }
        }
    }

    /// <summary>Largest resident memory that was seen while waiting for the end, bytes.</summary>
    public long PeakBytes { get; private set; }

    public bool HasEnded => process.HasExited;

    public TimeSpan Elapsed => watch.Elapsed;

    /// <summary>Starts it.</summary>
    /// <param name="arguments">Those of the command line.</param>
    /// <param name="crashAt">The point at which it ends itself; see CrashPoint.</param>
    /// <param name="faults">A file that names what fails; see CrashPoint.</param>
    public static RunningProgram Start(IEnumerable<string> arguments, string? crashAt = null, string? faults = null)
    {
        // A shell that starts the tests in the background has them ignore SIGINT, which is handed on; env makes way for the program.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "pipeline")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // The runtime's diagnostics put a socket and two pipes into the temporary folder, which a killed process leaves there.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        if (crashAt is not null)
        {
            start.Environment["PIPELINE_CRASH_AT"] = crashAt;
        }

        if (faults is not null)
        {
            start.Environment["PIPELINE_FAIL_AT"] = faults;
        }

        return new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException("The program did not start."));
    }

    /// <summary>Starts another program, with an environment in which nothing is but what is given.</summary>
    /// <param name="path">The program's file.</param>
    /// <param name="arguments">Those of its command line.</param>
    /// <param name="environment">All of its environment.</param>
    public static RunningProgram StartOther(string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start."));
    }

    /// <summary>Kills it when this much time has passed since its start, if it still runs; gives its exit code.</summary>
    public async Task<int> KillAfterAsync(TimeSpan moment)
    {
        using var alarm = new CancellationTokenSource(moment);
        try
        {
            await process.WaitForExitAsync(alarm.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }

        return await EndAsync();
    }

    /// <summary>Sends what Ctrl-C sends.</summary>
    public void Interrupt() => SendSignal(process.Id, Interruption).Should().Be(0);

    /// <summary>Asks it to end, as a service manager does.</summary>
    public void Terminate() => SendSignal(process.Id, Termination).Should().Be(0);

    /// <summary>Halts it: it does nothing until <see cref="Thaw"/>.</summary>
    public void Freeze() => SendSignal(process.Id, Halt).Should().Be(0);

    /// <summary>Lets it go on after <see cref="Freeze"/>.</summary>
    public void Thaw() => SendSignal(process.Id, Continuation).Should().Be(0);

    /// <summary>Ends it at once, as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Waits until <paramref name="condition"/> is true; false when the program ended before.</summary>
    public async Task<bool> UntilAsync(Func<bool> condition)
    {
        using var tick = new PeriodicTimer(Tick);
        while (!condition())
        {
            if (process.HasExited)
            {
                return condition();
            }

            CheckTime();
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }

        return true;
    }

    /// <summary>Waits for its end; gives its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await UntilAsync(() =>
        {
            PeakBytes = Math.Max(PeakBytes, ReadPeak());
            return process.HasExited;
        });
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private long ReadPeak()
    {
        try
        {
            var line = File.ReadLines($"/proc/{process.Id}/status")
                .FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line["VmHWM:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }

    private void CheckTime()
    {
        if (watch.Elapsed > Limit)
        {
            throw new TimeoutException($"The program did not come that far within {Limit.TotalMinutes} minutes. It printed: {Output}");
        }
    }

    private void Print(string? line)
    {
        lock (printed)
        {
            printed.Append(line).Append(line is null ? "" : "\n");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
