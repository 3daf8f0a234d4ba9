namespace Pipeline.Models.Onnx.Guard;

/// <summary>The element types of stored tensors by their number in TensorProto: bits of one and the field that holds them where it is not raw_data.</summary>
internal static class TensorElements
{
    public const long Text = 8;

    private const int FloatData = 4;
    private const int Int32Data = 5;
    private const int TextData = 6;
    private const int Int64Data = 7;
    private const int DoubleData = 10;
    private const int UInt64Data = 11;

    private static readonly Dictionary<long, (string Name, int Bits, int Field)> Known = new()
    {
        [1] = ("float32", 32, FloatData),
        [2] = ("uint8", 8, Int32Data),
        [3] = ("int8", 8, Int32Data),
        [4] = ("uint16", 16, Int32Data),
        [5] = ("int16", 16, Int32Data),
        [6] = ("int32", 32, Int32Data),
        [7] = ("int64", 64, Int64Data),
        [Text] = ("string", 0, TextData),
        [9] = ("bool", 8, Int32Data),
        [10] = ("float16", 16, Int32Data),
        [11] = ("double", 64, DoubleData),
        [12] = ("uint32", 32, UInt64Data),
        [13] = ("uint64", 64, UInt64Data),
        [14] = ("complex64", 64, FloatData),
        [15] = ("complex128", 128, DoubleData),
        [16] = ("bfloat16", 16, Int32Data),
        [17] = ("float8e4m3fn", 8, Int32Data),
        [18] = ("float8e4m3fnuz", 8, Int32Data),
        [19] = ("float8e5m2", 8, Int32Data),
        [20] = ("float8e5m2fnuz", 8, Int32Data),
        [21] = ("uint4", 4, Int32Data),
        [22] = ("int4", 4, Int32Data),
    };

    /// <summary>Bits of one element, 0 for texts; null for an unknown type.</summary>
    public static int? Bits(long type) => Known.TryGetValue(type, out var known) ? known.Bits : null;

    /// <summary>The type for people.</summary>
    public static string Name(long type) => Known[type].Name;

    public static bool IsDataField(int number) => number is FloatData or Int32Data or TextData or Int64Data or DoubleData or UInt64Data;

    /// <summary>True where elements of the type are stored in the field.</summary>
    public static bool Stores(long type, int field) => Known[type].Field == field;

    /// <summary>Values that the field must have for so many elements: a complex one is two, and two of 4 bits are one.</summary>
    public static long Stored(long type, long elements) =>
        type switch
        {
            14 or 15 => checked(2 * elements),
            21 or 22 => (elements + 1) / 2,
            _ => elements,
        };

    /// <summary>Values in one occurrence of a data field.</summary>
    public static long Count(ProtoField field) =>
        field.Wire != ProtoFields.Length
            ? 1
            : field.Number switch
            {
                FloatData => field.Bytes.Length / sizeof(float),
                DoubleData => field.Bytes.Length / sizeof(double),
                TextData => 1,
                _ => CountVarints(field.Bytes.Span),
            };

    private static int CountVarints(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        foreach (var part in bytes)
        {
            count += part < 0x80 ? 1 : 0;
        }

        return count;
    }
}
