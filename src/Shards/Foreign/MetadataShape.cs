using Pipeline.Shards.Format;

namespace Pipeline.Shards.Foreign;

/// <summary>
/// The types of all fields of a Parquet file's metadata (parquet.thrift). Parquet.Net reads a field by its number and believes its type; so a
/// flipped bit makes it take a number for a length, and allocate by it. What has another shape than this does not reach it.
/// </summary>
internal sealed class MetadataShape
{
    private const int Deepest = 32;

    private static readonly Field Bool = new(ThriftCompact.True);
    private static readonly Field Byte = new(ThriftCompact.Byte);
    private static readonly Field Int16 = new(ThriftCompact.Int16);
    private static readonly Field Int32 = new(ThriftCompact.Int32);
    private static readonly Field Int64 = new(ThriftCompact.Int64);
    private static readonly Field Double = new(ThriftCompact.Double);
    private static readonly Field Binary = new(ThriftCompact.Binary);
    private static readonly Field Encrypted = new(-1);

    private static readonly MetadataShape Nothing = new();
    private static readonly MetadataShape Pair = new(Binary, Binary);
    private static readonly MetadataShape TimeUnit = new(Of(Nothing), Of(Nothing), Of(Nothing));
    private static readonly MetadataShape Time = new(Bool, Of(TimeUnit));
    private static readonly MetadataShape Decimal = new(Int32, Int32);
    private static readonly MetadataShape Integer = new(Byte, Bool);
    private static readonly MetadataShape Variant = new(Byte);
    private static readonly MetadataShape Geometry = new(Binary);
    private static readonly MetadataShape Geography = new(Binary, Int32);

    private static readonly MetadataShape LogicalType = new(
        Of(Nothing),
        Of(Nothing),
        Of(Nothing),
        Of(Nothing),
        Of(Decimal),
        Of(Nothing),
        Of(Time),
        Of(Time),
        Of(Nothing),
        Of(Integer),
        Of(Nothing),
        Of(Nothing),
        Of(Nothing),
        Of(Nothing),
        Of(Nothing),
        Of(Variant),
        Of(Geometry),
        Of(Geography)
    );

    private static readonly MetadataShape Schema = new(Int32, Int32, Int32, Binary, Int32, Int32, Int32, Int32, Int32, Of(LogicalType));

    private static readonly MetadataShape Statistics = new(Binary, Binary, Int64, Int64, Binary, Binary, Bool, Bool);
    private static readonly MetadataShape EncodingStatistics = new(Int32, Int32, Int32);
    private static readonly MetadataShape SizeStatistics = new(Int64, List(Int64), List(Int64));

    private static readonly MetadataShape Box = new(Double, Double, Double, Double, Double, Double, Double, Double);
    private static readonly MetadataShape GeospatialStatistics = new(Of(Box), List(Int32));

    private static readonly MetadataShape Column = new(
        Int32,
        List(Int32),
        List(Binary),
        Int32,
        Int64,
        Int64,
        Int64,
        List(Of(Pair)),
        Int64,
        Int64,
        Int64,
        Of(Statistics),
        List(Of(EncodingStatistics)),
        Int64,
        Int32,
        Of(SizeStatistics),
        Of(GeospatialStatistics)
    );

    private static readonly MetadataShape Chunk = new(Binary, Int64, Of(Column), Int64, Int32, Int64, Int32, Encrypted, Encrypted);
    private static readonly MetadataShape Sorting = new(Int32, Bool, Bool);
    private static readonly MetadataShape Group = new(List(Of(Chunk)), Int64, Int64, List(Of(Sorting)), Int64, Int64, Int16);
    private static readonly MetadataShape Order = new(Of(Nothing), Of(Nothing));

    private static readonly MetadataShape File = new(
        Int32,
        List(Of(Schema)),
        Int64,
        List(Of(Group)),
        List(Of(Pair)),
        Binary,
        List(Of(Order)),
        Encrypted,
        Encrypted
    );

    private readonly Field[] fields;

    private MetadataShape(params Field[] fields) => this.fields = fields;

    /// <summary>Walks the metadata, without the trailer.</summary>
    /// <exception cref="InvalidDataException">A field is of another type, the file is encrypted, or its schema is no tree.</exception>
    public static void Check(ReadOnlySpan<byte> metadata)
    {
        var reader = new ThriftCompact(metadata);
        var children = new List<long>();
        File.Walk(ref reader, children);
        if (reader.Position != metadata.Length)
            throw new InvalidDataException($"its metadata ends after {reader.Position:N0} of {metadata.Length:N0} bytes");
        var open = new Stack<long>([1]);
        for (var element = 0; element < children.Count; element++)
        {
            while (open.TryPeek(out var left) && left == 0)
                open.Pop();
            if (open.Count is 0 or > Deepest || children[element] < 0 || children[element] >= children.Count - element)
                throw new InvalidDataException($"element {element} of its schema has no place in a tree of at most {Deepest} levels");
            open.Push(open.Pop() - 1);
            open.Push(children[element]);
        }

        if (children.Count == 0 || open.Any(left => left > 0))
            throw new InvalidDataException("its schema breaks off");
    }

    private static Field Of(MetadataShape inner) => new(ThriftCompact.Struct, inner);

    private static Field List(Field element) => new(ThriftCompact.List, element.Inner, element.Type);

    /// <summary>Passes over a struct; <paramref name="children"/> takes the number of children of each element of the schema.</summary>
    private void Walk(ref ThriftCompact reader, List<long> children)
    {
        var id = 0;
        var nodes = 0L;
        while (reader.Field(ref id) is not ThriftCompact.Stop and var type)
        {
            if (id < 1 || id > fields.Length)
            {
                reader.Skip(type); // of a later version of the format; Parquet.Net passes over it too
                continue;
            }

            var field = fields[id - 1];
            if (field == Encrypted)
                throw new InvalidDataException("it is encrypted");
            if (field.Type != (type == ThriftCompact.False ? ThriftCompact.True : type))
                throw new InvalidDataException($"its metadata has a field {id} of the type {type}, where {field.Type} is wanted");
            if (this == Schema && id == 5)
                nodes = reader.Integer();
            else if (type == ThriftCompact.Struct)
                field.Inner?.Walk(ref reader, children);
            else if (type == ThriftCompact.List)
                WalkList(ref reader, field, children);
            else
                reader.Skip(type);
        }

        if (this == Schema)
            children.Add(nodes);
    }

    private static void WalkList(ref ThriftCompact reader, Field field, List<long> children)
    {
        var count = reader.Elements(out var element);
        if (count > 0 && element != field.Element)
            throw new InvalidDataException($"its metadata has a list of the type {element}, where {field.Element} is wanted");
        for (; count > 0; count--)
        {
            if (field.Inner is { } inner)
                inner.Walk(ref reader, children);
            else
                reader.Skip(element);
        }
    }

    /// <summary>A field: its type, the shape of its struct or its elements, and the type of its elements.</summary>
    private sealed record Field(int Type, MetadataShape? Inner = null, int Element = 0);
}
