using CsCheck;

namespace Pipeline.Shards.Tests;

/// <summary>Random tables: every type, with and without nulls, no rows, empty texts and lists, NaNs of any payload.</summary>
internal static class TableGen
{
    private static readonly Gen<string> Text = OneOf("", "a", "Eisvogel 🐦", "ä\u0301 \u200f עברית", "\0\n\t\"", new string('x', 300))
        .Or(Gen.String.AlphaNumeric);

    private static readonly Gen<float> Single = Gen
        .Int.Select(BitConverter.Int32BitsToSingle)
        .Or(OneOf(0f, -0f, float.NaN, float.NegativeInfinity));

    private static readonly Gen<double> Double = Gen.Long.Select(BitConverter.Int64BitsToDouble);

    private static readonly Gen<byte[]> Bytes = Gen.Byte.Array[0, 40].Or(Gen.Byte.Array[5000]);

    private static readonly Gen<Half> SomeHalf = Gen
        .UShort.Select(BitConverter.UInt16BitsToHalf)
        .Or(OneOf(Half.Zero, Half.NegativeZero, Half.NaN, Half.MaxValue, Half.Epsilon, BitConverter.UInt16BitsToHalf(0xfc01)));

    public static readonly Gen<ShardTable> Table =
        from rows in Gen.Int[0, 40]
        from count in Gen.Int[1, 6]
        from columns in Gen.Int[0, 17].Array[count]
        from table in Columns(rows, columns)
        select table;

    /// <summary>One column of each of the types.</summary>
    public static Gen<ShardTable> AllTypes(int rows) => Columns(rows, [.. Enumerable.Range(0, 18)]);

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<T> Or<T>(this Gen<T> one, Gen<T> other) => Gen.OneOf(one, other);

    private static Gen<ShardTable> Columns(int rows, int[] kinds) =>
        kinds
            .Select((kind, index) => Column($"column_{index}", rows, kind))
            .Aggregate(
                Gen.Const(Array.Empty<ShardColumn>()),
                (all, next) => Gen.Select(all, next, (columns, column) => (ShardColumn[])[.. columns, column])
            )
            .Select(columns => new ShardTable(columns));

    private static Gen<ShardColumn> Column(string name, int rows, int kind) =>
        kind switch
        {
            0 => Text.Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            1 => Gen.Int.Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            2 => Gen.Long.Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            3 => Single.Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            4 => Double.Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            5 => Gen.Bool.Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            6 => Bytes.Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            7 => Single.Array[0, 5].Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            8 => Text.Array[0, 4].Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            9 => Text.Null().Array[rows].Select(cells => (ShardColumn)ShardColumn.OfNullable(name, cells)),
            10 => Gen.Int.Nullable().Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            11 => Gen.Long.Nullable().Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            12 => Single.Nullable().Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            13 => Gen.Bool.Nullable().Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            14 => Bytes.Null().Array[rows].Select(cells => (ShardColumn)ShardColumn.OfNullable(name, cells)),
            15 => SomeHalf.Array[0, 5].Array[rows].Select(cells => (ShardColumn)ShardColumn.Of(name, cells)),
            16 => SomeHalf.Array[0, 3].Null().Array[rows].Select(cells => (ShardColumn)ShardColumn.OfNullable(name, cells)),
            _ => Text.Array[0, 3].Null().Array[rows].Select(cells => (ShardColumn)ShardColumn.OfNullable(name, cells)),
        };
}
