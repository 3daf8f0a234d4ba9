using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Models.Tests.Weights.PyTorch;

/// <summary>Writes pickles opcode by opcode, protocol 2 unless said otherwise.</summary>
internal sealed class PickleBytes
{
    private readonly List<byte> bytes = [];

    public PickleBytes(byte protocol = 2) => bytes.AddRange([0x80, protocol]);

    /// <summary>A dict of one float32 tensor <c>w</c> of six elements, by a checkpoint of one storage.</summary>
    public static PickleBytes OneTensor() => new PickleBytes().Op("}(").Text("w").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]).Op("u");

    public byte[] Stop() => [.. bytes, (byte)'.'];

    public PickleBytes Op(string opcodes) => Raw(Encoding.ASCII.GetBytes(opcodes));

    public PickleBytes Raw(params byte[] raw)
    {
        bytes.AddRange(raw);
        return this;
    }

    public PickleBytes Text(string text) =>
        Raw((byte)'X').Raw(UInt32((uint)Encoding.UTF8.GetByteCount(text))).Raw(Encoding.UTF8.GetBytes(text));

    /// <summary>LONG1, as Python writes numbers above 32 bits.</summary>
    public PickleBytes Number(long number)
    {
        var raw = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(raw, number);
        return Raw(0x8a, 8).Raw(raw);
    }

    public PickleBytes Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleBytes Tuple(params long[] numbers)
    {
        Op("(");
        foreach (var number in numbers)
        {
            Number(number);
        }

        return Op("t");
    }

    public PickleBytes Storage(string type, string key, long count) =>
        Op("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Number(count).Op("tQ");

    public PickleBytes Tensor(string type, string key, long count, long offset, long[] shape, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2")
            .Op("(")
            .Storage(type, key, count)
            .Number(offset)
            .Tuple(shape)
            .Tuple(strides)
            .Raw(0x89)
            .Global("collections", "OrderedDict")
            .Op(")RtR");

    public static byte[] UInt32(uint number)
    {
        var raw = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(raw, number);
        return raw;
    }
}
