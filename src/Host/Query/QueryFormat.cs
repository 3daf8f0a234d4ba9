using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Host.View;

namespace Pipeline.Host.Query;

/// <summary>Rows as a table, as CSV (RFC 4180) or as a JSON array of objects. A blob is shown by its size.</summary>
internal static class QueryFormat
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>At most <paramref name="limit"/> rows under their names, then how many more there are not shown.</summary>
    public static void WriteTable(QueryRows rows, int limit, TextWriter output)
    {
        var table = new TextTable(rows.Names);
        var count = 0;
        foreach (var row in rows.Read())
        {
            if (count++ == limit)
                break;
            table.Add([.. row.Select(TableText)]);
        }

        table.Write(output);
        output.WriteLine(
            count > limit
                ? $"The first {Amounts.Count(limit)} rows; more with --limit N, all with --format csv or json."
                : $"{Amounts.Count(count)} {(count == 1 ? "row" : "rows")}."
        );
    }

    /// <summary>A line for the names and one a row; null is an empty field.</summary>
    public static void WriteCsv(QueryRows rows, int limit, TextWriter output)
    {
        output.Write(string.Join(',', rows.Names.Select(Field)) + "\r\n");
        foreach (var row in rows.Read().Take(limit))
            output.Write(string.Join(',', row.Select(cell => cell is null ? "" : Field(PlainText(cell)))) + "\r\n");
    }

    /// <summary>An array, a line each row.</summary>
    public static void WriteJson(QueryRows rows, int limit, TextWriter output)
    {
        var before = "[\n";
        foreach (var row in rows.Read().Take(limit))
        {
            var node = new JsonObject(rows.Names.Zip(row, (name, cell) => KeyValuePair.Create(name, Node(cell))));
            output.Write(before + node.ToJsonString(Readable));
            before = ",\n";
        }

        output.WriteLine(before == "[\n" ? "[]" : "\n]");
    }

    private static string TableText(object? cell) =>
        cell is byte[] ? CellText.Of(cell)
        : cell is null ? "null"
        : CellText.Shorten(PlainText(cell));

    private static string PlainText(object cell) =>
        cell switch
        {
            string text => text,
            bool flag => flag ? "true" : "false",
            byte[] bytes => Size(bytes),
            float or double => ((IFormattable)cell).ToString("R", CultureInfo.InvariantCulture),
            DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)cell).ToString("O", CultureInfo.InvariantCulture),
            IEnumerable => Node(cell)?.ToJsonString(Readable) ?? "",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => cell.ToString() ?? "",
        };

    private static JsonNode? Node(object? cell) =>
        cell switch
        {
            null => null,
            string text => text,
            bool flag => flag,
            float number => float.IsFinite(number) ? JsonValue.Create(number) : PlainText(cell),
            double number => double.IsFinite(number) ? JsonValue.Create(number) : PlainText(cell),
            sbyte or byte or short or ushort or int or uint or long or ulong or decimal or BigInteger => JsonNode.Parse(PlainText(cell)),
            byte[] bytes => Size(bytes),
            IDictionary fields => new JsonObject(
                fields.Keys.Cast<object>().Select(key => KeyValuePair.Create(PlainText(key), Node(fields[key])))
            ),
            IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(Node)]),
            _ => PlainText(cell),
        };

    private static string Size(byte[] bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes.Length} bytes");

    private static string Field(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
