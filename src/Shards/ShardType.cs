namespace Pipeline.Shards;

/// <summary>What one cell of a column holds.</summary>
public enum ShardKind
{
    /// <summary>Unicode text, UTF-8 on disk.</summary>
    String,

    /// <summary>Signed 32-bit integer.</summary>
    Int32,

    /// <summary>Signed 64-bit integer.</summary>
    Int64,

    /// <summary>IEEE 754 single; the bits of a NaN are kept.</summary>
    Float32,

    /// <summary>IEEE 754 double; the bits of a NaN are kept.</summary>
    Float64,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>Bytes as they are, such as an encoded image; never compressed again.</summary>
    Binary,

    /// <summary>A list of singles, such as an embedding; lengths may differ from row to row.</summary>
    Float32List,

    /// <summary>A list of halves (IEEE 754 binary16), such as an embedding at half the bytes; lengths may differ from row to row.</summary>
    Float16List,

    /// <summary>A list of texts, none of them null.</summary>
    StringList,
}

/// <summary>Type of a column: the kind of its cells, and whether a cell may be null.</summary>
/// <param name="Kind">What a cell holds.</param>
/// <param name="Nullable">Whether a cell may be null; an element of a list never is.</param>
public readonly record struct ShardType(ShardKind Kind, bool Nullable)
{
    private static readonly (ShardKind Kind, string Name, Type Clr)[] Kinds =
    [
        (ShardKind.String, "string", typeof(string)),
        (ShardKind.Int32, "int32", typeof(int)),
        (ShardKind.Int64, "int64", typeof(long)),
        (ShardKind.Float32, "float32", typeof(float)),
        (ShardKind.Float64, "float64", typeof(double)),
        (ShardKind.Bool, "bool", typeof(bool)),
        (ShardKind.Binary, "binary", typeof(byte[])),
        (ShardKind.Float32List, "list<float32>", typeof(float[])),
        (ShardKind.Float16List, "list<float16>", typeof(Half[])),
        (ShardKind.StringList, "list<string>", typeof(string[])),
    ];

    /// <summary>The type of cells of <paramref name="clr"/>; null where shards have no such type.</summary>
    /// <param name="clr">For example <c>int</c>, <c>int?</c> or <c>float[]</c>.</param>
    /// <param name="nullableReference">Whether a cell of a reference type may be null.</param>
    public static ShardType? Of(Type clr, bool nullableReference = false)
    {
        var scalar = System.Nullable.GetUnderlyingType(clr);
        foreach (var (kind, _, type) in Kinds)
        {
            if (type == (scalar ?? clr))
                return new ShardType(kind, scalar is not null || (nullableReference && !type.IsValueType));
        }

        return null;
    }

    /// <summary>Reads what <see cref="ToString"/> gives; null for any other text.</summary>
    public static ShardType? Parse(string text)
    {
        var nullable = text.EndsWith('?');
        var name = nullable ? text[..^1] : text;
        foreach (var (kind, known, _) in Kinds)
        {
            if (known == name)
                return new ShardType(kind, nullable);
        }

        return null;
    }

    /// <summary>The name in footers, contracts and errors: <c>string</c>, <c>int32?</c>, <c>list&lt;float32&gt;</c>.</summary>
    public override string ToString()
    {
        foreach (var (kind, name, _) in Kinds)
        {
            if (kind == Kind)
                return Nullable ? name + "?" : name;
        }

        throw new InvalidOperationException($"The kind is {(int)Kind}; it must be one of ShardKind. Build the type with ShardType.Of.");
    }
}
