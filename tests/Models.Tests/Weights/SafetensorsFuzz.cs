using System.Buffers.Binary;
using System.Text;
using Pipeline.Models.Tests.Fuzz;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Weights;

/// <summary>Damaged safetensors files and shard indexes: every tensor is read, or the file is refused.</summary>
internal sealed class SafetensorsFuzz : IFuzzTarget, IDisposable
{
    private const string Index = "index";
    private readonly TemporaryFolder folder = new();

    public SafetensorsFuzz()
    {
        File.WriteAllBytes(folder.File("a.safetensors"), Of(("x", ScalarType.Float32, [2, 3]), ("y", ScalarType.Int64, [2])));
        File.WriteAllBytes(folder.File("b.safetensors"), Of(("z", ScalarType.Float16, [])));
    }

    public IReadOnlyList<(string Name, byte[] Bytes)> Seeds { get; } =
    [
        (
            "types",
            Of(
                ("a", ScalarType.Float32, [2, 3]),
                ("b.weight", ScalarType.BFloat16, [4]),
                ("c", ScalarType.Bool, [3]),
                ("d", ScalarType.Int64, [])
            )
        ),
        ("empty", Of(("none", ScalarType.Float32, [0, 5]), ("one", ScalarType.Byte, [1]))),
        ("many", Of([.. Enumerable.Range(0, 20).Select(number => ($"layer.{number}.weight", ScalarType.Float16, new long[] { 3, 2 }))])),
        ("no tensors", Of()),
        (
            Index,
            Encoding.UTF8.GetBytes(
                """{"metadata":{"total_size":42},"weight_map":{"x":"a.safetensors","y":"a.safetensors","z":"b.safetensors"}}"""
            )
        ),
    ];

    public IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "-1",
            "1e999",
            "9223372036854775807",
            "0.5",
            "[[[[[[[[",
            "{\"a\":",
            "null",
            "\"\\ud800\"",
            "\"F64\"",
            "\"BF16\"",
            "\"dtype\":",
            "\"shape\":[",
            "[0,0]",
            "]",
            "}",
            ",",
            "../",
            "b.safetensors",
            "/",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public IReadOnlyList<FilePiece> Pieces(byte[] bytes) => bytes[0] == '{' ? [] : [new FilePiece(0, 8, 0, 8), new FilePiece(0, 8, 0, 2)];

    /// <summary>Makes the header as long as it says, so that damage within it is reached.</summary>
    public void Mend(byte[] bytes)
    {
        var end = bytes.AsSpan().LastIndexOf("}}"u8);
        if (bytes.Length > 9 && bytes[8] == '{' && end > 8)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, end + 2 - 8);
        }
    }

    public bool Read(string name, byte[] bytes, int number)
    {
        var stem = name == Index ? "sharded" : "single";
        File.WriteAllBytes(folder.File(name == Index ? "sharded.safetensors.index.json" : "single.safetensors"), bytes);
        try
        {
            using var scope = NewDisposeScope();
            using var weights = WeightFiles.Open(folder.Root, stem);
            foreach (var (tensor, entry) in weights.Entries)
            {
                var read = number % 2 == 0 ? weights.Tensor(tensor) : weights.Tensor(tensor, ComputeType.Float32);
                if (!read.shape.AsSpan().SequenceEqual([.. entry.Shape]))
                {
                    throw new InvalidOperationException($"{tensor} has another shape than its entry.");
                }
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    public void Dispose() => folder.Dispose();

    private static byte[] Of(params (string Name, ScalarType Type, long[] Shape)[] tensors)
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsFile.Write(
            stream,
            tensors.Select(item => (item.Name, ones(item.Shape, item.Type))),
            new Dictionary<string, string> { ["format"] = "pt" }
        );
        return stream.ToArray();
    }
}
