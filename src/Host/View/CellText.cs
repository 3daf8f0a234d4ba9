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
    public static string Of(ShardColumn column, int row) =>
        column switch
        {
            ShardColumn<string> text => Text(text.Values[row]),
            ShardColumn<byte[]> bytes => Text(bytes.Values[row]),
            ShardColumn<float[]> list => List(list.Values[row]),
            ShardColumn<string[]> list => List(list.Values[row]),
            ShardColumn<int> number => Text(number.Values[row]),
            ShardColumn<int?> number => Text(number.Values[row]),
            ShardColumn<long> number => Text(number.Values[row]),
            ShardColumn<long?> number => Text(number.Values[row]),
            ShardColumn<float> number => Text(number.Values[row]),
            ShardColumn<float?> number => Text(number.Values[row]),
            ShardColumn<double> number => Text(number.Values[row]),
            ShardColumn<double?> number => Text(number.Values[row]),
            ShardColumn<bool> flag => Text(flag.Values[row]),
            ShardColumn<bool?> flag => Text(flag.Values[row]),
            _ => column.Type.ToString(),
        };

    /// <summary>At most a hundred characters.</summary>
    public static string Shorten(string text) => text.Length <= LongestText ? text : text[..(LongestText - 1)] + "…";

    private static string Text(object? value) =>
        value switch
        {
            null => "null",
            string text => Shorten(text),
            byte[] bytes => Bytes(bytes),
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => Shorten(value.ToString() ?? ""),
        };

    private static string List<T>(T[]? values) =>
        values is null ? "null"
        : values.Length <= MostOfList ? $"[{Joined(values)}]"
        : $"[{Joined(values[..MostOfList])}, … {Amounts.Count(values.Length)} values]";

    private static string Joined<T>(T[] values) => string.Join(", ", values.Select(value => Text(value)));

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
