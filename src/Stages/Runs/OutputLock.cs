namespace Pipeline.Stages.Runs;

/// <summary>Says which process works in an output directory. The operating system lets go of it when that process ends, also by <c>kill -9</c>.</summary>
public sealed class OutputLock : IDisposable
{
    /// <summary>Name of the file within the output directory; empty, and left behind.</summary>
    public const string Name = ".lock";

    private const int HeldByAnother = 11; // EWOULDBLOCK, errno.h on Linux: flock(2) found the file locked. On Unix, .NET puts errno into HResult.

    private readonly FileStream file;

    private OutputLock(FileStream file) => this.file = file;

    /// <summary>Makes the directory if it is missing, and holds it until disposed.</summary>
    /// <exception cref="InvalidDataException">Another process holds it; nothing was changed.</exception>
    public static OutputLock Take(string output)
    {
        Directory.CreateDirectory(output);
        try
        {
            return new OutputLock(new FileStream(Path.Combine(output, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (error.HResult == HeldByAnother)
        {
            throw new InvalidDataException(
                $"{output} is in use by another process of this program; one at a time may work there. Wait for it or stop it, or name another output directory.",
                error
            );
        }
    }

    /// <summary>Whether a process works in the directory now.</summary>
    public static bool IsHeld(string output)
    {
        var path = Path.Combine(output, Name);
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            // Reading is enough to ask, and works in a folder of another user: a reader's lock is refused while a writer holds the file.
            using var asked = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException error) when (error.HResult == HeldByAnother)
        {
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
