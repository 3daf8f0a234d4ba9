using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Stages.Isolation;

/// <summary>A process that was started to do what may bring it down.</summary>
internal sealed class ChildProcess : IChild
{
    private const int Signalled = 128; // .NET's exit code of a process that a signal ended: 128 + its number
    private readonly Process process;
    private readonly Task listening;

    private ChildProcess(Process process, Action<string> said)
    {
        this.process = process;
        listening = ListenAsync(said);
    }

    /// <inheritdoc/>
    public TextWriter Input => process.StandardInput;

    /// <inheritdoc/>
    public TextReader Output => process.StandardOutput;

    /// <summary>Starts it.</summary>
    /// <param name="program">What is started.</param>
    /// <param name="said">Takes each line of its standard error.</param>
    public static ChildProcess Start(ChildProgram program, Action<string> said)
    {
        var start = new ProcessStartInfo(program.File, program.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program.File} did not start."), said);
    }

    /// <inheritdoc/>
    public async Task<string> EndAsync()
    {
        await process.WaitForExitAsync();
        return Describe(process.ExitCode);
    }

    /// <inheritdoc/>
    public void Kill()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    /// <summary>Reads, so that it never waits for room. A process of its own that outlives it may hold the end open, so nobody waits for this.</summary>
    private async Task ListenAsync(Action<string> said)
    {
        try
        {
            while (await process.StandardError.ReadLineAsync() is { } line)
            {
                said(line);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // it is disposed
        }
    }

    private static string Describe(int code) =>
        (code - Signalled) switch
        {
            <= 0 => string.Create(CultureInfo.InvariantCulture, $"exit code {code}"),
            4 => "signal 4 (SIGILL)",
            6 => "signal 6 (SIGABRT)",
            7 => "signal 7 (SIGBUS)",
            8 => "signal 8 (SIGFPE)",
            9 => "signal 9 (SIGKILL, as by the kernel when memory runs out)",
            11 => "signal 11 (SIGSEGV)",
            var signal => string.Create(CultureInfo.InvariantCulture, $"signal {signal}"),
        };
}
