using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Weights.PyTorch;

/// <summary>A tensor of a checkpoint whose place in the file was checked: written dense and row-major, whatever view of its storage it is.</summary>
internal sealed class TensorView
{
    private const int PieceBytes = 1 << 20;
    private const long DenseBytes = 32 << 20;
    private readonly CheckpointFile file;
    private readonly StoredRecord record;
    private readonly PickledTensor tensor;
    private readonly int elementBytes;
    private readonly long span;

    private TensorView(CheckpointFile file, StoredRecord record, PickledTensor tensor, int elementBytes, long length, long span)
    {
        this.file = file;
        this.record = record;
        this.tensor = tensor;
        this.elementBytes = elementBytes;
        this.span = span;
        Length = length;
    }

    /// <summary>Bytes of the dense tensor.</summary>
    public long Length { get; }

    /// <summary>Bytes that are read or written for it, whichever are more.</summary>
    public long Cost => Math.Max(Length, span * elementBytes);

    private long Begin => record.Begin + (tensor.Offset * elementBytes);

    /// <summary>Checks that every element of the tensor lies in its storage, and the storage in its record.</summary>
    /// <exception cref="InvalidDataException">One does not; the message names tensor and storage.</exception>
    public static TensorView Of(CheckpointFile file, string name, PickledTensor tensor)
    {
        var stored = file.Storage(tensor.Storage.Key);
        var what = $"tensor {CheckpointFile.Shown(name)}";
        var (_, bytes) =
            TensorType.Of(tensor.Storage.DType) ?? throw new System.Diagnostics.UnreachableException("The storage's type was looked up.");
        if (tensor.Storage.Count > stored.Length / bytes)
        {
            throw file.Broken(
                what,
                $"in a storage of {tensor.Storage.Count} elements of {bytes} bytes, whose record {CheckpointFile.Shown(stored.Name)} has {stored.Length} bytes",
                "in one whose record is as long as it says"
            );
        }

        var isEmpty = tensor.Shape.Contains(0);
        var last = (Int128)tensor.Offset;
        var count = Int128.One;
        for (var axis = 0; axis < tensor.Shape.Length; axis++)
        {
            count = Bounded(count * Math.Max(tensor.Shape[axis], 1));
            last = Bounded(last + ((Int128)(Math.Max(tensor.Shape[axis], 1) - 1) * tensor.Strides[axis]));
        }

        return count > long.MaxValue / 16 || (!isEmpty && last >= tensor.Storage.Count)
            ? throw file.Broken(
                what,
                $"{SafetensorsEntry.Text(tensor.Shape)} with the strides {SafetensorsEntry.Text(tensor.Strides)} from element {tensor.Offset}, "
                    + $"which reaches element {last} of a storage of {tensor.Storage.Count}",
                "inside its storage"
            )
            : new TensorView(file, stored, tensor, bytes, isEmpty ? 0 : (long)count * bytes, isEmpty ? 0 : (long)last - tensor.Offset + 1);
    }

    /// <summary>What the writer needs.</summary>
    public SafetensorsItem Item(string name) => new(name, tensor.Storage.DType, tensor.Shape, Length, Write);

    private static Int128 Bounded(Int128 value) => Int128.Min(value, long.MaxValue);

    private void Write(Stream stream)
    {
        file.CheckWhole(record);
        if (Length == 0)
        {
            return;
        }

        if (IsDense())
        {
            WriteStraight(stream);
            return;
        }

        using var scope = NewDisposeScope();
        var stored = empty(span, Word());
        for (long at = 0; at < span; at += PieceBytes)
        {
            file.Fill(stored.narrow(0, at, Math.Min(PieceBytes, span - at)).bytes, Begin + (at * elementBytes));
        }

        WriteStrided(stream, stored, tensor.Shape, tensor.Strides, 0);
    }

    private bool IsDense()
    {
        var step = 1L;
        for (var axis = tensor.Shape.Length - 1; axis >= 0; axis--)
        {
            if (tensor.Shape[axis] != 1 && tensor.Strides[axis] != step)
            {
                return false;
            }

            step *= tensor.Shape[axis];
        }

        return true;
    }

    private void WriteStraight(Stream stream)
    {
        var buffer = new byte[Math.Min(PieceBytes, Length)];
        for (long at = 0; at < Length; at += buffer.Length)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, Length - at));
            file.Fill(piece, Begin + at);
            stream.Write(piece);
        }
    }

    /// <summary>Makes slices dense that are small enough, so that a tensor of repeated elements takes no more memory than a slice.</summary>
    private void WriteStrided(Stream stream, Tensor stored, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset)
    {
        var row = (long)elementBytes;
        foreach (var size in shape[1..])
        {
            row *= size;
        }

        if (row > DenseBytes)
        {
            for (long index = 0; index < shape[0]; index++)
            {
                WriteStrided(stream, stored, shape[1..], strides[1..], offset + (index * strides[0]));
            }

            return;
        }

        var most = DenseBytes / row;
        for (long index = 0; index < shape[0]; index += most)
        {
            using var scope = NewDisposeScope();
            long[] slice = [Math.Min(most, shape[0] - index), .. shape[1..]];
            stream.Write(stored.as_strided(slice, strides.ToArray(), offset + (index * strides[0])).contiguous().bytes);
        }
    }

    /// <summary>A whole number as wide as the elements: bits are moved, never read as values.</summary>
    private ScalarType Word() =>
        elementBytes switch
        {
            1 => ScalarType.Byte,
            2 => ScalarType.Int16,
            4 => ScalarType.Int32,
            _ => ScalarType.Int64,
        };
}
