using Microsoft.Win32.SafeHandles;

namespace Pipeline.Shards.Stores;

/// <summary>Reads a part of a file, however many reads the system makes of it.</summary>
public static class FileRange
{
    /// <summary>Fills the buffer from <paramref name="offset"/> on, or as much of it as the file reaches; gives the bytes read.</summary>
    /// <exception cref="IOException">The system refuses to read it.</exception>
    public static int Read(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes[read..], offset + read) is > 0 and var more)
            read += more;
        return read;
    }
}
