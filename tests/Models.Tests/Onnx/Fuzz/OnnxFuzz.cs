using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Models.Calls;
using Pipeline.Models.Onnx;
using Pipeline.Models.Onnx.Guard;
using Pipeline.Models.Onnx.Quantization;
using Pipeline.Models.Tests.Fuzz;
using Pipeline.Models.Tests.Weights;
using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Onnx.Fuzz;

/// <summary>Damaged graphs, every other one with right lengths: opened, and where that succeeds called once.</summary>
internal sealed class OnnxFuzz : IFuzzTarget, IDisposable
{
    private const int MostValues = 100_000;
    private static readonly OnnxOptions Options = new() { Threads = 1, WorkBytes = 16 << 20 };
    private readonly TemporaryFolder folder = new();

    public OnnxFuzz()
    {
        File.WriteAllBytes(folder.File("weights.bin"), MemoryMarshal.AsBytes<float>([5, 6]).ToArray());
        var weights = OnnxGraphs.Weights.Seeded(TinyGraphs.Seed);
        var clip = new ClipGraphs
        {
            Vision = new ClipTower(8, 1, 2, 8),
            Text = new ClipTower(8, 1, 2, 8),
            ImageSize = 8,
            PatchSize = 4,
            Projection = 4,
            Vocabulary = 9,
            Length = 4,
        };
        clip.VisionModel(weights).Save(folder.File("vision.onnx"));
        OnnxQuantizer.Quantize(folder.File("vision.onnx"), folder.File("int8.onnx"));
        Seeds =
        [
            ("vision", File.ReadAllBytes(folder.File("vision.onnx"))),
            ("text", (clip with { Operators = 14 }).TextModel(weights).ToModel().ToArray()),
            ("int8", File.ReadAllBytes(folder.File("int8.onnx"))),
            (
                "decoder",
                new DecoderGraph
                {
                    Hidden = 8,
                    Depth = 1,
                    HeadCount = 2,
                    Vocabulary = 9,
                    Length = 4,
                }
                    .Model(weights)
                    .ToModel()
                    .ToArray()
            ),
            (
                "unet",
                new UNetGraph
                {
                    Channels = 4,
                    Groups = 2,
                    HeadCount = 2,
                    Context = 4,
                }
                    .Model(weights)
                    .ToModel()
                    .ToArray()
            ),
            .. HostilePlaces
                .All.Where(place => Runs.Any(word => place.Key.StartsWith(word, StringComparison.Ordinal)))
                .Select(place => (place.Key, place.Value(HostilePlaces.External("weights.bin", "0", "8")).ToArray())),
        ];
    }

    public IReadOnlyList<(string Name, byte[] Bytes)> Seeds { get; }

    public IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "../weights.bin",
            "weights.bin",
            "If",
            "Loop",
            "Reshape",
            "Concat",
            "-1",
            "99999999999",
            "location",
            "offset",
            "com.microsoft",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Places in which a model of ONNX Runtime may have a tensor of another file.</summary>
    private static string[] Runs { get; } =
    ["graph.initializer", "graph.node[0] (Constant).attribute[0] (\"value\").t ", "functions[0] (\"Own\").node"];

    public IReadOnlyList<FilePiece> Pieces(byte[] bytes)
    {
        var pieces = new List<FilePiece>();
        Add(OnnxKind.Model, bytes, new OnnxPlace(null, "seed", -1, OnnxKind.Model, bytes), pieces);
        return pieces;
    }

    public bool Read(string name, byte[] bytes, int number)
    {
        var path = folder.File("model.onnx");
        var whole = Seeds.First(seed => seed.Name == name).Bytes;
        var isDamaged = !bytes.AsSpan().SequenceEqual(whole);
        File.WriteAllBytes(path, isDamaged && number % 2 == 1 ? StructuredDamage.Of(whole, new Random(number)) : bytes);
        try
        {
            using var model = OnnxModel.Open(path, Options);
            Call(model);
            Quantize(path, number);
            return true;
        }
        catch (Exception error) when (error is InvalidDataException or ModelMemoryException)
        {
            return error.Message.Contains(path, StringComparison.Ordinal)
                ? false
                : throw new InvalidOperationException("The error does not name the file.", error);
        }
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Now and then a graph that can be run is quantized too; one without float32 matrices is refused.</summary>
    private static void Quantize(string path, int number)
    {
        if (number % 5 == 2)
        {
            OnnxQuantizer.Quantize(path, $"{path}.int8");
        }
    }

    /// <summary>Calls with small values of the declared shapes; sizes that the call decides are 2.</summary>
    private static void Call(OnnxModel model)
    {
        if (
            model.Inputs.Any(port => port.Element == OnnxElement.Other || Count(port) > MostValues)
            || model.Outputs.FirstOrDefault(port => port.Element == OnnxElement.Float32) is not { } output
        )
        {
            return;
        }

        model.Run([.. model.Inputs.Select(Value)], [output.Name]);
    }

    private static OnnxInput Value(OnnxPort port)
    {
        var count = (int)Count(port);
        return port.Element is OnnxElement.Int64 or OnnxElement.Int32
            ? OnnxInput.Of(port.Name, new long[count], [.. Shape(port)])
            : OnnxInput.Of(port.Name, TinyGraphs.Waves(count), [.. Shape(port)]);
    }

    private static IEnumerable<long> Shape(OnnxPort port) => port.Shape.Select(size => size < 0 ? 2 : size);

    private static double Count(OnnxPort port) => Shape(port).Aggregate(1.0, (product, size) => product * size);

    private static void Add(OnnxKind kind, ReadOnlyMemory<byte> message, OnnxPlace place, List<FilePiece> pieces)
    {
        foreach (var field in ProtoFields.Read(message, place))
        {
            var start = TensorGuard.OffsetOf(field.Whole);
            pieces.Add(new FilePiece(start, field.Whole.Length, start + 1, 1));
            if (OnnxSchema.Of(kind, field.Number) is { Kind: { } inner })
            {
                Add(inner, field.Bytes, place, pieces);
            }
        }
    }
}
