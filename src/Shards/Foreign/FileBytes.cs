using Microsoft.Win32.SafeHandles;
using Pipeline.Shards.Stores;

namespace Pipeline.Shards.Foreign;

/// <summary>Reads ranges of a file that must be there to their end.</summary>
internal static class FileBytes
{
    /// <summary>A range as an array of its own.</summary>
    /// <exception cref="InvalidDataException">The file ends before it.</exception>
    public static byte[] Read(SafeFileHandle file, long at, int count)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(count);
        Fill(file, at, bytes);
        return bytes;
    }

    /// <summary>A range into a buffer.</summary>
    /// <exception cref="InvalidDataException">The file ends before it.</exception>
    public static void Fill(SafeFileHandle file, long at, Span<byte> bytes)
    {
        var read = FileRange.Read(file, bytes, at);
        if (read < bytes.Length)
            throw new InvalidDataException($"it ends at byte {at + read:N0}");
    }
}
