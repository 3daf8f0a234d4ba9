using System.Runtime.InteropServices;

namespace Pipeline.Models.Onnx.Guard;

/// <summary>Holds the tensors of a model against what they say of themselves and against the files that they lie in.</summary>
/// <param name="files">Opens other files.</param>
internal sealed class TensorGuard(ExternalFiles files)
{
    private const int DimsField = 1;
    private const int TypeField = 2;
    private const int SegmentField = 3;
    private const int RawField = 9;
    private const int ExternalField = 13;
    private const int LocationField = 14;

    private readonly Dictionary<int, ExternalPart> external = [];
    private int tensors;

    /// <summary>The tensors that lie in other files, by the offset of their message in the model file.</summary>
    public IReadOnlyDictionary<int, ExternalPart> External => external;

    /// <summary>Checks a tensor.</summary>
    /// <returns>Its elements' bits (0 for texts) and number.</returns>
    public (int Bits, long Elements) Check(ReadOnlyMemory<byte> message, OnnxPlace place)
    {
        tensors++;
        if (tensors > OnnxLimits.Tensors)
        {
            throw place.Refusal("", "one tensor more than there may be", $"among the first {OnnxLimits.Tensors}");
        }

        var content = Content.Read(message, place);
        var elements = Elements(content.Dims, place);
        if (TensorElements.Bits(content.Type) is not { } bits)
        {
            throw place.Refusal("data_type", $"{content.Type}", "an element type of ONNX");
        }

        if (content.IsExternal)
        {
            if (bits == 0 || content.Raw is not null || content.Values > 0)
            {
                throw place.Refusal(
                    "data_location",
                    "external for a tensor of texts, or one with values of its own",
                    "external for numbers without values"
                );
            }

            external.Add(OffsetOf(message), content.External.Open(files, Bytes(bits, elements, place), place));
        }
        else
        {
            CheckValues(content, bits, elements, place);
        }

        return (bits, elements);
    }

    /// <summary>Where a slice lies in the model file.</summary>
    public static int OffsetOf(ReadOnlyMemory<byte> message) => MemoryMarshal.TryGetArray(message, out var segment) ? segment.Offset : -1;

    /// <summary>The product of the sizes.</summary>
    public static long Elements(IReadOnlyList<long> dims, OnnxPlace place)
    {
        if (dims.Count > OnnxLimits.Axes)
        {
            throw place.Refusal("dims", $"of {dims.Count} axes", $"of at most {OnnxLimits.Axes}");
        }

        var (product, hasNone) = (Int128.One, false);
        foreach (var size in dims)
        {
            if (size < 0)
            {
                throw place.Refusal("dims", $"[{string.Join(", ", dims)}]", "of sizes that are 0 or more");
            }

            hasNone |= size == 0;
            product *= Math.Max(size, 1);
            if (product > OnnxLimits.ModelBytes * 8)
            {
                throw place.Refusal("dims", $"[{string.Join(", ", dims)}]", "of no more elements than a model file holds");
            }
        }

        return hasNone ? 0 : (long)product;
    }

    private static void CheckValues(Content content, int bits, long elements, OnnxPlace place)
    {
        if (!content.External.IsEmpty)
        {
            throw place.Refusal("external_data", "there", "there only where data_location is external");
        }

        if (content.Raw is { } raw)
        {
            if (bits == 0 || content.Values > 0)
            {
                throw place.Refusal("raw_data", "there for a tensor of texts, or beside other values", "the only values of numbers");
            }

            var wanted = Bytes(bits, elements, place);
            if (raw != wanted)
            {
                throw place.Refusal("raw_data", $"{raw} bytes long", $"{wanted} bytes long, as data_type and dims say");
            }

            return;
        }

        if (content.Values > 0 && !TensorElements.Stores(content.Type, content.ValueField))
        {
            throw place.Refusal(
                "data_type",
                $"{TensorElements.Name(content.Type)}, whose values lie in another field",
                "the type of the values that are there"
            );
        }

        var stored = TensorElements.Stored(content.Type, elements);
        if (content.Values != stored)
        {
            throw place.Refusal("values", $"{content.Values} in number", $"{stored}, as data_type and dims say");
        }
    }

    private static long Bytes(int bits, long elements, OnnxPlace place)
    {
        var bytes = ((Int128)elements * bits + 7) / 8;
        return bytes <= OnnxLimits.ModelBytes
            ? (long)bytes
            : throw place.Refusal("dims", $"for {bytes} bytes", $"for at most {OnnxLimits.ModelBytes}");
    }

    /// <summary>What a tensor says of itself.</summary>
    private sealed class Content
    {
        public List<long> Dims { get; } = [];

        public long Type { get; private set; }

        public ExternalData External { get; } = new();

        public bool IsExternal { get; private set; }

        public long? Raw { get; private set; }

        public long Values { get; private set; }

        public int ValueField { get; private set; }

        public static Content Read(ReadOnlyMemory<byte> message, OnnxPlace place)
        {
            var content = new Content();
            foreach (var field in ProtoFields.Read(message, place))
            {
                content.Take(field, place);
            }

            return content;
        }

        private void Take(ProtoField field, OnnxPlace place)
        {
            switch (field.Number)
            {
                case DimsField:
                    foreach (var size in ProtoFields.Numbers(field, place))
                    {
                        Dims.Add(size);
                        if (Dims.Count > OnnxLimits.Axes)
                        {
                            throw place.Refusal("dims", $"of more than {OnnxLimits.Axes} axes", $"of at most {OnnxLimits.Axes}");
                        }
                    }

                    break;
                case TypeField when field.Wire == ProtoFields.Varint:
                    Type = (int)field.Value;
                    break;
                case SegmentField:
                    throw place.Refusal("segment", "there", "left out: tensors are whole");
                case RawField when field.Wire == ProtoFields.Length:
                    Raw = Raw is null ? field.Bytes.Length : throw place.Refusal("raw_data", "there twice", "there once");
                    break;
                case ExternalField when field.Wire == ProtoFields.Length:
                    External.Add(field.Bytes, place);
                    break;
                case LocationField when field.Wire == ProtoFields.Varint:
                    IsExternal = field.Value switch
                    {
                        0 => false,
                        1 => true,
                        _ => throw place.Refusal("data_location", $"{field.Value}", "0 or 1"),
                    };
                    break;
                case TypeField or RawField or ExternalField or LocationField:
                    throw place.Refusal($"field {field.Number}", $"of the wire type {field.Wire}", "of the type that the format says");
                case var number when TensorElements.IsDataField(number):
                    if (Values > 0 && ValueField != number)
                    {
                        throw place.Refusal("values", "in two fields", "in the field of the type");
                    }

                    ValueField = number;
                    Values += TensorElements.Count(field);
                    break;
            }
        }
    }
}
