using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Models.Onnx;

/// <summary>One value for the time of one call: pinned where the graph's type is the caller's, else converted in a pooled buffer.</summary>
internal sealed class BoundTensor : IDisposable
{
    private readonly byte[]? pooled;
    private MemoryHandle pin;

    private BoundTensor(OnnxElement element, IReadOnlyList<long> shape, MemoryHandle pin, byte[]? pooled, int bytes)
    {
        this.pin = pin;
        this.pooled = pooled;
        unsafe
        {
            Value = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance,
                OnnxElements.Native(element),
                [.. shape],
                (nint)pin.Pointer,
                bytes
            );
        }
    }

    public OrtValue Value { get; }

    /// <summary>What is fed.</summary>
    public static BoundTensor Input(OnnxPort port, OnnxInput input)
    {
        switch (port.Element)
        {
            case OnnxElement.Float32:
                return new BoundTensor(port.Element, input.Shape, input.Singles.Pin(), null, input.Singles.Length * sizeof(float));
            case OnnxElement.Int64:
                return new BoundTensor(port.Element, input.Shape, input.Integers.Pin(), null, input.Integers.Length * sizeof(long));
            default:
                var bytes = (input.IsInteger ? input.Integers.Length : input.Singles.Length) * OnnxElements.Bytes(port.Element);
                var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, 1));
                Narrow(port, input, buffer.AsSpan(0, bytes));
                return new BoundTensor(port.Element, input.Shape, buffer.AsMemory().Pin(), buffer, bytes);
        }
    }

    /// <summary>What is written to; <see cref="ReadInto"/> brings it to the target.</summary>
    public static BoundTensor Output(OnnxPort port, OnnxOutput output)
    {
        var bytes = output.Target.Length * OnnxElements.Bytes(port.Element);
        if (port.Element == OnnxElement.Float32)
        {
            return new BoundTensor(port.Element, output.Shape, output.Target.Pin(), null, bytes);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, 1));
        return new BoundTensor(port.Element, output.Shape, buffer.AsMemory().Pin(), buffer, bytes);
    }

    public void ReadInto(OnnxPort port, Span<float> target)
    {
        if (pooled is not null)
        {
            Widen(port.Element, pooled.AsSpan(0, target.Length * sizeof(ushort)), target);
        }
    }

    /// <summary>The values of a float32, float16 or bfloat16 tensor as float32.</summary>
    public static void Widen(OnnxElement element, ReadOnlySpan<byte> values, Span<float> target)
    {
        switch (element)
        {
            case OnnxElement.Float32:
                MemoryMarshal.Cast<byte, float>(values).CopyTo(target);
                break;
            case OnnxElement.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(values), target);
                break;
            default:
                var halves = MemoryMarshal.Cast<byte, ushort>(values);
                for (var index = 0; index < target.Length; index++)
                {
                    target[index] = BitConverter.UInt32BitsToSingle((uint)halves[index] << 16);
                }

                break;
        }
    }

    public void Dispose()
    {
        Value.Dispose();
        pin.Dispose();
        if (pooled is not null)
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    private static void Narrow(OnnxPort port, OnnxInput input, Span<byte> target)
    {
        switch (port.Element)
        {
            case OnnxElement.Float16:
                TensorPrimitives.ConvertToHalf(input.Singles.Span, MemoryMarshal.Cast<byte, Half>(target));
                break;
            case OnnxElement.BFloat16:
                ToBFloat16(input.Singles.Span, MemoryMarshal.Cast<byte, ushort>(target));
                break;
            default:
                ToInt32(input, MemoryMarshal.Cast<byte, int>(target));
                break;
        }
    }

    /// <summary>To the nearest, ties to even; a NaN stays one.</summary>
    private static void ToBFloat16(ReadOnlySpan<float> values, Span<ushort> target)
    {
        for (var index = 0; index < values.Length; index++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[index]);
            target[index] = float.IsNaN(values[index])
                ? (ushort)((bits >> 16) | 0x40)
                : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    private static void ToInt32(OnnxInput input, Span<int> target)
    {
        var values = input.Integers.Span;
        for (var index = 0; index < values.Length; index++)
        {
            if (values[index] is < int.MinValue or > int.MaxValue)
            {
                throw new ArgumentException(
                    $"Input {input.Name} has the value {values[index]} at {index}; it must fit into int32, which the graph declares. Check the tokens."
                );
            }

            target[index] = (int)values[index];
        }
    }
}
