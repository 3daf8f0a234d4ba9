using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Pipeline.Models.Tests.Fuzz;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Weights;
using Pipeline.Models.Weights.PyTorch;

namespace Pipeline.Models.Tests.Weights.PyTorch;

/// <summary>Damaged checkpoints, as files and as pickles within sound files: converted and read back, or refused.</summary>
internal sealed class CheckpointFuzz : IFuzzTarget, IDisposable
{
    private const string Pickles = "pickle ";
    private readonly TemporaryFolder folder = new();

    public IReadOnlyList<(string Name, byte[] Bytes)> Seeds { get; } = [.. Reference(), .. Own()];

    public IReadOnlyList<byte[]> Words =>
        [
            [0xff, 0xff, 0xff, 0x7f],
            [0x8a, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            [0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x80],
            [0x93],
            [0x94],
            [0x85, (byte)'R'],
            "cos\nsystem\n"u8.ToArray(),
            "h\u0000"u8.ToArray(),
            "h\u0005"u8.ToArray(),
            "q\u0005"u8.ToArray(),
            "(]}"u8.ToArray(),
            "t"u8.ToArray(),
            "u"u8.ToArray(),
            "e"u8.ToArray(),
            "b"u8.ToArray(),
            "0"u8.ToArray(),
        ];

    public IReadOnlyList<FilePiece> Pieces(byte[] bytes)
    {
        var pieces = new List<FilePiece>();
        for (var at = 0; at + 46 <= bytes.Length; at++)
        {
            if (bytes.AsSpan(at).StartsWith("PK\u0001\u0002"u8))
            {
                var length = 46 + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 28));
                pieces.AddRange(new[] { 20, 24, 42 }.Select(field => new FilePiece(at, length, at + field, 4)));
                pieces.AddRange(new[] { 10, 28, 30 }.Select(field => new FilePiece(at, length, at + field, 2)));
            }
            else if (bytes.AsSpan(at).StartsWith("PK\u0003\u0004"u8))
            {
                pieces.Add(new FilePiece(at, 30, at + 26, 2));
            }
            else if (bytes.AsSpan(at).StartsWith("PK\u0006\u0006"u8))
            {
                pieces.AddRange(new[] { 32, 40, 48 }.Select(field => new FilePiece(at, 56, at + field, 8)));
            }
        }

        return pieces;
    }

    /// <summary>Makes the checksums in the directory those of the records, as far as both can be found.</summary>
    public void Mend(byte[] bytes)
    {
        for (var at = 0; at + 46 <= bytes.Length; at++)
        {
            if (!bytes.AsSpan(at).StartsWith("PK\u0001\u0002"u8))
            {
                continue;
            }

            var entry = bytes.AsSpan(at);
            long header = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]),
                length = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
            if (header + 30 <= bytes.Length)
            {
                var local = bytes.AsSpan((int)header);
                var begin =
                    header
                    + 30
                    + BinaryPrimitives.ReadUInt16LittleEndian(local[26..])
                    + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
                if (begin + length <= bytes.Length)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], Crc32.HashToUInt32(bytes.AsSpan((int)begin, (int)length)));
                }
            }
        }
    }

    public bool Read(string name, byte[] bytes, int number)
    {
        var (source, target) = (folder.File("in.pt"), folder.File("out.safetensors"));
        File.WriteAllBytes(
            source,
            name.StartsWith(Pickles, StringComparison.Ordinal) ? CheckpointBytes.Of(bytes, CheckpointBytes.Singles(64)) : bytes
        );
        File.Delete(target);
        try
        {
            var done = PyTorchCheckpoint.Convert(source, target);
            using var file = SafetensorsFile.Read(target);
            return file.Entries.Count == done.Tensors.Count
                ? true
                : throw new InvalidOperationException($"{done.Tensors.Count} tensors were named, {file.Entries.Count} written.");
        }
        catch (InvalidDataException) when (Directory.GetFiles(folder.Root).Length == 1)
        {
            return false;
        }
    }

    public void Dispose() => folder.Dispose();

    private static IEnumerable<(string Name, byte[] Bytes)> Reference() =>
        new[] { "dtypes.pt", "module.pth", "nested.ckpt", "parameters.pt", "views.pt", "hostile/control_ok.pt" }.Select(file =>
            (file, File.ReadAllBytes(Path.Combine(GoldenSet.Fixtures, "pytorch-checkpoint", file)))
        );

    private static IEnumerable<(string Name, byte[] Bytes)> Own()
    {
        yield return (
            $"{Pickles}plain",
            new PickleBytes().Op("}(").Text("w").Tensor("FloatStorage", "0", 64, 3, [4, 5], [7, 2]).Op("u").Stop()
        );
        var nested = new PickleBytes()
            .Op("}(")
            .Text("a")
            .Op("](")
            .Tensor("HalfStorage", "0", 128, 0, [2, 3, 4], [12, 4, 1])
            .Number(7)
            .Op("e");
        yield return ($"{Pickles}nested", nested.Text("b").Op("(N").Raw(0x88).Op("t").Op("u").Stop());
        var four = new PickleBytes(4).Raw(0x95, 9, 0, 0, 0, 0, 0, 0, 0).Op("}").Raw(0x94).Op("(").Raw(0x8c, 1, (byte)'w').Raw(0x94);
        four.Raw([0x8c, 12, .. Encoding.ASCII.GetBytes("torch._utils")])
            .Raw([0x8c, 18, .. Encoding.ASCII.GetBytes("_rebuild_tensor_v2")])
            .Raw(0x93, 0x94);
        four.Op("((").Text("storage").Global("torch", "ByteStorage").Text("0").Text("cpu").Number(256).Op("tQ");
        yield return (
            $"{Pickles}protocol 4",
            four.Number(0).Tuple(16).Tuple(16).Raw(0x89).Global("collections", "OrderedDict").Op(")RtRu").Stop()
        );
    }
}
