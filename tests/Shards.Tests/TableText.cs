using System.Globalization;

namespace Pipeline.Shards.Tests;

/// <summary>A table as lines of text, floats by their bits, so that two can be compared and a difference read.</summary>
internal static class TableText
{
    public static string[] Of(ShardTable table) =>
        [.. table.Columns.Select(column => $"{column.Name}:{column.Type} {string.Join(" | ", Cells(column))}")];

    private static IEnumerable<string> Cells(ShardColumn column) =>
        ((System.Collections.IEnumerable)column.GetType().GetProperty("Values")!.GetValue(column)!).Cast<object?>().Select(Cell);

    private static string Cell(object? cell) =>
        cell switch
        {
            null => "null",
            string text => $"'{text}'",
            float value => BitConverter.SingleToInt32Bits(value).ToString("x8", CultureInfo.InvariantCulture),
            double value => BitConverter.DoubleToInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture),
            Half value => BitConverter.HalfToUInt16Bits(value).ToString("x4", CultureInfo.InvariantCulture),
            byte[] bytes => Convert.ToHexString(bytes),
            Array list => $"[{string.Join(", ", list.Cast<object?>().Select(Cell))}]",
            _ => Convert.ToString(cell, CultureInfo.InvariantCulture)!,
        };
}
