using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Host.Commands;

/// <summary>Standard input and output, taken away from everybody else in this process: what a stage prints, in whatever language, goes to standard
/// error, and what it reads is empty.</summary>
internal sealed partial class OwnStreams : IDisposable
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;
    private const int DuplicateClosedOnExec = 1030; // F_DUPFD_CLOEXEC, fcntl(2): a process that the stage starts does not have it
    private const int FirstFree = 3;

    private OwnStreams(SafeFileHandle input, SafeFileHandle output)
    {
        Input = new StreamReader(new FileStream(input, FileAccess.Read, bufferSize: 0));
        Output = new StreamWriter(new FileStream(output, FileAccess.Write, bufferSize: 0));
    }

    /// <summary>What was standard input.</summary>
    public TextReader Input { get; }

    /// <summary>What was standard output.</summary>
    public TextWriter Output { get; }

    /// <summary>Takes them.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public static OwnStreams Take()
    {
        var (input, output) = (Own(StandardInput), Own(StandardOutput));
        using var nothing = File.OpenHandle("/dev/null");
        Check(Replace((int)nothing.DangerousGetHandle(), StandardInput));
        Check(Replace(StandardError, StandardOutput));
        Console.SetIn(TextReader.Null);
        Console.SetOut(Console.Error);
        return new OwnStreams(input, output);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Input.Dispose();
        try
        {
            Output.Dispose();
        }
        catch (IOException)
        {
            // the parent is gone
        }
    }

    private static SafeFileHandle Own(int stream) => new(Check(Control(stream, DuplicateClosedOnExec, FirstFree)), ownsHandle: true);

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Replace(int file, int standard);
}
