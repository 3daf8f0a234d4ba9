using Pipeline.Models.Onnx.Guard;

namespace Pipeline.Models.Tests.Onnx.Fuzz;

/// <summary>Damages a model field by field, with every length right again: what protobuf's reader takes and graph code must bear.</summary>
internal sealed class StructuredDamage
{
    private static readonly long[] s_numbers =
    [
        0,
        1,
        2,
        3,
        7,
        14,
        17,
        99,
        -1,
        int.MaxValue,
        int.MinValue,
        long.MaxValue,
        long.MinValue,
        1L << 32,
    ];
    private static readonly string[] s_words =
    [
        "Add",
        "Cast",
        "Concat",
        "ConstantOfShape",
        "Conv",
        "Expand",
        "Gather",
        "GatherND",
        "Gemm",
        "Identity",
        "If",
        "Loop",
        "MatMul",
        "Pad",
        "Range",
        "ReduceMean",
        "Reshape",
        "Resize",
        "Scan",
        "Slice",
        "Softmax",
        "Split",
        "Squeeze",
        "Tile",
        "Transpose",
        "Unsqueeze",
        "",
    ];

    private readonly Random random;
    private readonly OnnxPlace place;
    private readonly Dictionary<(OnnxKind, int), List<ReadOnlyMemory<byte>>> contents = [];
    private readonly int share;

    private StructuredDamage(byte[] model, Random random)
    {
        this.random = random;
        place = new OnnxPlace(null, "seed", -1, OnnxKind.Model, model);
        Learn(OnnxKind.Model, model);
        share = Math.Max(2, contents.Values.Sum(list => list.Count) / random.Next(1, 5));
    }

    /// <summary>The model with about one to four of its fields dropped, doubled, exchanged or changed.</summary>
    public static byte[] Of(byte[] model, Random random) => new StructuredDamage(model, random).Rewrite(OnnxKind.Model, model).ToArray();

    private void Learn(OnnxKind kind, ReadOnlyMemory<byte> message)
    {
        foreach (var field in ProtoFields.Read(message, place))
        {
            if (!contents.TryGetValue((kind, field.Number), out var list))
            {
                contents[(kind, field.Number)] = list = [];
            }

            list.Add(field.Bytes);
            if (OnnxSchema.Of(kind, field.Number) is { Kind: { } inner })
            {
                Learn(inner, field.Bytes);
            }
        }
    }

    private ProtoPieces Rewrite(OnnxKind kind, ReadOnlyMemory<byte> message)
    {
        var pieces = new ProtoPieces();
        foreach (var field in ProtoFields.Read(message, place))
        {
            if (random.Next(share) == 0)
            {
                Damage(kind, field, pieces);
            }
            else if (OnnxSchema.Of(kind, field.Number) is { Kind: { } inner })
            {
                pieces.Add(field.Number, Rewrite(inner, field.Bytes));
            }
            else
            {
                pieces.Add(field.Whole);
            }
        }

        return pieces;
    }

    private void Damage(OnnxKind kind, ProtoField field, ProtoPieces pieces)
    {
        switch (random.Next(4))
        {
            case 0:
                break;
            case 1:
                pieces.Add(field.Whole);
                pieces.Add(field.Whole);
                break;
            case 2 when field.Wire == ProtoFields.Length && kind == OnnxKind.Node && field.Number == 4:
                pieces.Add(field.Number, s_words[random.Next(s_words.Length)]);
                break;
            case 2 when field.Wire == ProtoFields.Length:
                var list = contents[(kind, field.Number)];
                pieces.Add(field.Number, list[random.Next(list.Count)]);
                break;
            case 3 when field.Wire == ProtoFields.Length && field.Bytes.Length < 64:
                var changed = field.Bytes.ToArray();
                if (changed.Length > 0)
                {
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                }

                pieces.Add(field.Number, changed);
                break;
            default:
                pieces.Add(field.Number, s_numbers[random.Next(s_numbers.Length)]);
                break;
        }
    }
}
