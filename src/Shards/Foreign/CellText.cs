using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Pipeline.Shards.Foreign;

/// <summary>Cells as text: numbers by the invariant culture, true and false, times as ISO 8601.</summary>
internal static class CellText
{
    private static readonly Dictionary<Type, Func<ParquetRowGroupReader, DataField, int, Task<string?[]>>> Readers = new()
    {
        [typeof(ReadOnlyMemory<char>)] = (group, leaf, rows) => ReadAsync<ReadOnlyMemory<char>>(group, leaf, rows, text => text.ToString()),
        [typeof(bool)] = (group, leaf, rows) => ReadAsync<bool>(group, leaf, rows, value => value ? "true" : "false"),
        [typeof(sbyte)] = Number<sbyte>,
        [typeof(byte)] = Number<byte>,
        [typeof(short)] = Number<short>,
        [typeof(ushort)] = Number<ushort>,
        [typeof(int)] = Number<int>,
        [typeof(uint)] = Number<uint>,
        [typeof(long)] = Number<long>,
        [typeof(ulong)] = Number<ulong>,
        [typeof(float)] = Number<float>,
        [typeof(double)] = Number<double>,
        [typeof(decimal)] = Number<decimal>,
        [typeof(DateTime)] = (group, leaf, rows) =>
            ReadAsync<DateTime>(group, leaf, rows, time => time.ToString("O", CultureInfo.InvariantCulture)),
    };

    /// <summary>Whether cells of a type can be read as text.</summary>
    public static bool Knows(Type type) => Readers.ContainsKey(type);

    /// <summary>Whether a type is of whole numbers.</summary>
    public static bool IsInteger(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64;

    /// <summary>A column's cells in one row group; null for a null.</summary>
    public static Task<string?[]> ReadAsync(ParquetRowGroupReader group, DataField leaf, int rows) =>
        Readers[leaf.ClrType](group, leaf, rows);

    /// <summary>A column's cells in one row group; <typeparamref name="TCell"/>'s null for a null.</summary>
    public static async Task<TCell?[]> ReadAsync<T, TCell>(ParquetRowGroupReader group, DataField leaf, int rows, Func<T, TCell> convert)
        where T : struct
        where TCell : class
    {
        var values = new T[rows];
        var levels = leaf.MaxDefinitionLevel > 0 ? new int[rows] : null;
        await group.ReadRawAsync<T>(leaf, values, levels?.AsMemory(), null);
        var cells = new TCell?[rows];
        var next = 0;
        for (var row = 0; row < rows; row++)
        {
            if (levels is null || levels[row] == leaf.MaxDefinitionLevel)
                cells[row] = convert(values[next++]);
        }

        return cells;
    }

    private static Task<string?[]> ReadAsync<T>(ParquetRowGroupReader group, DataField leaf, int rows, Func<T, string> convert)
        where T : struct => ReadAsync<T, string>(group, leaf, rows, convert);

    private static Task<string?[]> Number<T>(ParquetRowGroupReader group, DataField leaf, int rows)
        where T : struct, IFormattable => ReadAsync<T>(group, leaf, rows, number => number.ToString(null, CultureInfo.InvariantCulture));
}
