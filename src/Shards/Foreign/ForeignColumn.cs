using Parquet.Schema;

namespace Pipeline.Shards.Foreign;

/// <summary>What the cells of a column are.</summary>
public enum ForeignKind
{
    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>Text.</summary>
    Text,

    /// <summary>Whole numbers of any width.</summary>
    Integer,

    /// <summary>Other numbers, truth values and times.</summary>
    Scalar,

    /// <summary>Lists, maps, and types that are not read.</summary>
    Other,
}

/// <summary>A column of a file that another program wrote.</summary>
public sealed class ForeignColumn
{
    internal ForeignColumn(DataField leaf)
    {
        Leaf = leaf;
        Path = leaf.Path.ToList();
        if (Path.Count == 0 || Path.Any(string.IsNullOrEmpty))
            throw new InvalidDataException("a column has no name");
        Name = string.Join('.', Path);
        Kind = KindOf(leaf);
    }

    /// <summary>Its name; for a field of a struct that of the struct, a dot, and its own.</summary>
    public string Name { get; }

    /// <summary>The names by which <see cref="Name"/> is made: more than one for what lies in a struct, a list or a map.</summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>What its cells are.</summary>
    public ForeignKind Kind { get; }

    internal DataField Leaf { get; }

    private static ForeignKind KindOf(DataField leaf) =>
        leaf.MaxRepetitionLevel > 0 ? ForeignKind.Other
        : leaf.ClrType == typeof(ReadOnlyMemory<byte>) ? ForeignKind.Binary
        : leaf.ClrType == typeof(ReadOnlyMemory<char>) ? ForeignKind.Text
        : !CellText.Knows(leaf.ClrType) ? ForeignKind.Other
        : CellText.IsInteger(leaf.ClrType) ? ForeignKind.Integer
        : ForeignKind.Scalar;
}
