using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Pipeline.Models.Weights.Mapping;
using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>An open safetensors file: its header is read and checked at once, its tensors when they are asked for.</summary>
/// <remarks>Holds the file open until disposed, so that files larger than memory can be read tensor by tensor.</remarks>
public sealed class SafetensorsFile : IWeights, IDisposable
{
    private const int LengthBytes = 8;
    private const long PieceBytes = 1 << 30; // one span holds at most 2 GiB
    private readonly SafeFileHandle handle;
    private readonly long dataBegin;
    private readonly Lazy<MappedFile?> mapped;

    private SafetensorsFile(
        string path,
        SafeFileHandle handle,
        long bytes,
        long dataBegin,
        IReadOnlyDictionary<string, SafetensorsEntry> entries,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        Path = path;
        this.handle = handle;
        this.dataBegin = dataBegin;
        mapped = new Lazy<MappedFile?>(() => MappedFile.Of(handle, bytes));
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>The path that was opened; error messages name it.</summary>
    public string Path { get; }

    /// <summary>Every tensor by name, in ordinal order of the names.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The header's <c>__metadata__</c>; empty if there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header: length, JSON, types, shapes, bounds, overlaps and holes.</summary>
    /// <exception cref="InvalidDataException">The file breaks the format; the message names file, field, what was found and what was wanted.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static SafetensorsFile Read(string path)
    {
        var opened = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            var bytes = RandomAccess.GetLength(opened);
            var headerBytes = HeaderBytes(path, opened, bytes);
            CheckFirst(path, opened, headerBytes);
            var json = new byte[headerBytes];
            Fill(path, opened, json, LengthBytes);
            var (entries, metadata) = SafetensorsHeader.Parse(path, json, bytes - LengthBytes - headerBytes);
            return new SafetensorsFile(path, opened, bytes, LengthBytes + headerBytes, entries, metadata);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="SafetensorsWriter.Write(string, IEnumerable{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string})"/>
    public static void Write(
        string path,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    ) => SafetensorsWriter.Write(path, tensors, metadata);

    /// <inheritdoc cref="SafetensorsWriter.Write(Stream, IEnumerable{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string})"/>
    public static void Write(
        Stream stream,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    ) => SafetensorsWriter.Write(stream, tensors, metadata);

    /// <summary>The stored bytes of one tensor, row-major and little-endian; at most 2 GiB.</summary>
    /// <exception cref="InvalidDataException">The file has no tensor of that name; the message names the file.</exception>
    public byte[] Bytes(string name)
    {
        var entry = Entry(name);
        var bytes = new byte[entry.Length];
        Fill(Path, handle, bytes, dataBegin + entry.Begin);
        return bytes;
    }

    /// <inheritdoc/>
    public Tensor Tensor(string name)
    {
        var entry = Entry(name);
        var (type, size) = TensorType.Of(entry.DType) ?? throw new UnreachableException("The header was checked.");
        var tensor = empty([.. entry.Shape], type);
        using var scope = NewDisposeScope();
        var flat = tensor.view(-1);
        for (long begin = 0; begin < entry.Length; begin += PieceBytes)
        {
            var bytes = Math.Min(PieceBytes, entry.Length - begin);
            Fill(Path, handle, flat.narrow(0, begin / size, bytes / size).bytes, dataBegin + entry.Begin + begin);
        }

        return tensor;
    }

    /// <inheritdoc/>
    public Tensor Tensor(string name, ComputeType compute)
    {
        var stored = Tensor(name);
        var wanted = compute.For(stored.dtype);
        if (wanted == stored.dtype)
        {
            return stored;
        }

        using (stored)
        {
            return stored.to(wanted);
        }
    }

    /// <inheritdoc/>
    public Tensor View(string name, ComputeType compute)
    {
        var entry = Entry(name);
        var (type, size) = TensorType.Of(entry.DType) ?? throw new UnreachableException("The header was checked.");
        return compute.For(type) == type && mapped.Value?.View(type, size, dataBegin + entry.Begin, [.. entry.Shape]) is { } view
            ? view
            : Tensor(name, compute);
    }

    /// <summary>Closes the file; tensors that were read stay.</summary>
    public void Dispose() => handle.Dispose();

    private SafetensorsEntry Entry(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new InvalidDataException(
                $"{Path}: tensor {name} is missing; the file holds {Entries.Count} others. Take another file."
            );

    private static long HeaderBytes(string path, SafeFileHandle opened, long fileBytes)
    {
        if (fileBytes < LengthBytes)
        {
            throw new InvalidDataException(
                $"{path}: the file is {fileBytes} bytes long; it must hold at least the {LengthBytes} bytes of the header's length. Fetch it again."
            );
        }

        Span<byte> length = stackalloc byte[LengthBytes];
        Fill(path, opened, length, 0);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
        var limit = Math.Min(SafetensorsHeader.MaximumBytes, fileBytes - LengthBytes);
        return headerBytes <= (ulong)limit
            ? (long)headerBytes
            : throw new InvalidDataException(
                $"{path}: the header's length is {headerBytes} bytes; it must be at most {limit} bytes (the file's {fileBytes} bytes, "
                    + $"and {SafetensorsHeader.MaximumBytes} in any file). Is it a safetensors file? Fetch it again."
            );
    }

    /// <summary>Looks at one byte before room is made for the header: a file of zeros may be as long as it likes.</summary>
    private static void CheckFirst(string path, SafeFileHandle opened, long headerBytes)
    {
        if (headerBytes == 0)
        {
            return;
        }

        Span<byte> first = stackalloc byte[1];
        Fill(path, opened, first, LengthBytes);
        if (first[0] != '{')
        {
            throw new InvalidDataException(
                $"{path}: the header is not JSON: it begins with byte {first[0]}; it must begin with '{{'. Is it a safetensors file? Fetch it again."
            );
        }
    }

    private static void Fill(string path, SafeFileHandle opened, Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(opened, target, offset);
            if (read == 0)
            {
                throw new InvalidDataException(
                    $"{path}: the file ends at byte {offset}; {target.Length} bytes more were wanted. It was cut while it was read: fetch it again."
                );
            }

            target = target[read..];
            offset += read;
        }
    }
}
