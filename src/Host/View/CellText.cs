using System.Collections;
using System.Globalization;
using Pipeline.Models.Images;
using Pipeline.Shards;

namespace Pipeline.Host.View;

/// <summary>A cell of a shard in one short line.</summary>
internal static class CellText
{
    private const int LongestText = 100;
    private const int MostOfList = 4;

    /// <summary>Text as it is but cut, numbers so that they read back, an image as <c>JPEG 160×160, 12,345 bytes</c>, a list by its first values.</summary>
    public static string Of(ShardColumn column, int row) => Of(column.Cell(row));

    /// <inheritdoc cref="Of(ShardColumn, int)"/>
    public static string Of(object? value) =>
        value switch
        {
            null => "null",
            string text => Shorten(text),
            byte[] bytes => Bytes(bytes),
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            IEnumerable list => List([.. list.Cast<object?>()]),
            _ => Shorten(value.ToString() ?? ""),
        };

    /// <summary>At most a hundred characters.</summary>
    public static string Shorten(string text) => text.Length <= LongestText ? text : text[..(LongestText - 1)] + "…";

    private static string List(object?[] values) =>
        values.Length <= MostOfList ? $"[{Joined(values)}]" : $"[{Joined(values[..MostOfList])}, … {Amounts.Count(values.Length)} values]";

    private static string Joined(object?[] values) => string.Join(", ", values.Select(Of));

    /// <summary>Sizes are those stored, before EXIF orientation.</summary>
    private static string Bytes(byte[] bytes)
    {
        var size = $"{Amounts.Count(bytes.Length)} bytes";
        try
        {
            var header = ImageHeader.Read(bytes);
            return $"{header.Format.ToString().ToUpperInvariant()} {header.Width}×{header.Height}, {size}";
        }
        catch (ImageRejectedException)
        {
            return size;
        }
    }
}
