using System.Buffers;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>The bytes of a tar from first to last: of a plain file, in which what is passed over is not read, or unpacked from gzip on the way.</summary>
/// <remarks>The first two bytes tell which, not the name.</remarks>
internal sealed class TarStream : IDisposable
{
    /// <summary>Holds a header, a small member and the next header: one read of the file for a label and what surrounds it.</summary>
    private const int WindowBytes = 4096;

    private const int ScratchBytes = 1 << 16;

    private readonly Stream bytes;
    private readonly long most;

    private TarStream(Stream stream, long mostBytes, SafeFileHandle? file) => (bytes, most, File) = (stream, mostBytes, file);

    /// <summary>The plain file, which is open as long as this is; null of one that is unpacked on the way.</summary>
    public SafeFileHandle? File { get; }

    /// <summary>Whether positions are those of the unpacked bytes.</summary>
    public bool IsPacked => File is null;

    /// <summary>Bytes from the beginning of the tar.</summary>
    public long Position { get; private set; }

    /// <summary>Opens it at its beginning.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static TarStream Open(string path, TarLimits limits)
    {
        var handle = System.IO.File.OpenHandle(path);
        var file = new FileStream(handle, FileAccess.Read, WindowBytes);
        try
        {
            var isPacked = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            return isPacked
                ? new(new GZipStream(file, CompressionMode.Decompress), Math.Max(limits.FreeBytes, file.Length * limits.Ratio), null)
                : new(file, file.Length, handle);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Fills the buffer, or gives the less that there is.</summary>
    /// <exception cref="TarException">The packed bytes are damaged, or unpack to more than is allowed.</exception>
    public int Read(Span<byte> buffer)
    {
        try
        {
            var read = bytes.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            Position += read;
            return !IsPacked || Position <= most
                ? read
                : throw new TarException(
                    TarFault.OverLimit,
                    $"unpacks to more than {most:N0} bytes; it must be at most so many for its size. The samples before are taken, what follows is not. "
                        + "Unpack it to a .tar and take that, if it is meant."
                );
        }
        catch (InvalidDataException error)
        {
            throw TarException.Damaged($"is damaged or cut off behind byte {Position:N0} of what it unpacks to: {error.Message}", error);
        }
    }

    /// <summary>Passes over bytes; false if there are fewer.</summary>
    public bool Skip(long count)
    {
        if (!IsPacked)
        {
            if (count > most - Position)
                return false;
            bytes.Seek(count, SeekOrigin.Current);
            Position += count;
            return true;
        }

        var scratch = ArrayPool<byte>.Shared.Rent(ScratchBytes);
        try
        {
            while (count > 0)
            {
                var wanted = (int)Math.Min(count, scratch.Length);
                if (Read(scratch.AsSpan(0, wanted)) < wanted)
                    return false;
                count -= wanted;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    public void Dispose() => bytes.Dispose();
}
