using ParquetSharp;
using Pipeline.Shards.Foreign;

namespace Pipeline.Shards.Tests.Foreign;

public sealed class ForeignParquetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Path => System.IO.Path.Combine(folder.Path, "a.parquet");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Columns_of_every_kind_are_known_and_read_as_text()
    {
        Write(
            new() { ["who"] = "me" },
            ("text", new[] { "a", null, "ü" }),
            ("whole", new int?[] { 1, null, -3 }),
            ("wide", new[] { long.MaxValue, 2, 3 }),
            ("small", new byte[] { 255, 0, 1 }),
            ("real", new[] { 0.5, -1e300, 3 }),
            ("yes", new bool?[] { true, null, false }),
            ("day", new[] { new DateTime(2020, 1, 2), new DateTime(2020, 1, 3, 4, 5, 6), default }),
            ("list", new[] { [1f], [], new[] { 2f, 3f } }),
            ("bytes", new byte[][] { [1, 2], [], [3] })
        );

        var file = ForeignParquet.Open(Path);
        var texts = file
            .Columns.Where(column => column.Kind is not (ForeignKind.Other or ForeignKind.Binary))
            .Select(column => $"{column.Name}: {string.Join('|', file.Texts(0, column).Select(text => text ?? "null"))}");

        (file.Groups, file.Rows(0), file.KeyValues["who"]).Should().Be((1, 3, "me"));
        file.Columns.Select(column => $"{column.Name} {column.Kind}")
            .Should()
            .Equal(
                "text Text",
                "whole Integer",
                "wide Integer",
                "small Integer",
                "real Scalar",
                "yes Scalar",
                "day Scalar",
                "list.list.item Other",
                "bytes Binary"
            );
        texts
            .Should()
            .Equal(
                "text: a|null|ü",
                "whole: 1|null|-3",
                "wide: 9223372036854775807|2|3",
                "small: 255|0|1",
                "real: 0.5|-1E+300|3",
                "yes: true|null|false",
                "day: 2020-01-02T00:00:00.0000000Z|2020-01-03T04:05:06.0000000Z|0001-01-01T00:00:00.0000000Z"
            );
    }

    [Fact]
    public void Ranges_are_where_the_cells_lie()
    {
        byte[]?[] cells =
        [
            .. Enumerable.Range(0, 1_000).Select(row => row % 7 == 0 ? null : new[] { (byte)row, (byte)(row / 256), (byte)7 }),
        ];
        Write([], ("bytes", cells));
        var file = ForeignParquet.Open(Path);
        var bytes = File.ReadAllBytes(Path);

        var ranges = file.Ranges(0, file.Columns[0])!;

        file.Nulls(0, file.Columns[0]).Should().Be(cells.Count(cell => cell is null));
        ranges
            .Select(range => range == ByteRange.Null ? null : bytes.AsSpan((int)range.Offset, range.Length).ToArray())
            .Should()
            .BeEquivalentTo(cells, options => options.WithStrictOrdering());
    }

    [Theory]
    [InlineData("")]
    [InlineData("PAR1")]
    [InlineData("PAR1\u0001\0\0\0PAR1")]
    [InlineData("PAR1\u0015\u0004\0\u0003\0\0\0PAR1")]
    [InlineData("PAR1    \u0004\0\0\0PARE")]
    public void Bytes_that_are_no_file_of_this_kind_are_refused(string text)
    {
        File.WriteAllBytes(Path, System.Text.Encoding.Latin1.GetBytes(text));

        var open = () => ForeignParquet.Open(Path);

        open.Should().Throw<InvalidDataException>();
    }

    private void Write(Dictionary<string, string> keys, params (string Name, Array Cells)[] columns)
    {
        using var builder = new WriterPropertiesBuilder().Compression(Compression.Uncompressed);
        using var properties = builder.DisableDictionary("bytes").Build();
        Column[] declared = [.. columns.Select(column => new Column(column.Cells.GetType().GetElementType()!, column.Name))];
        using var writer = new ParquetFileWriter(Path, declared, null, properties, keys);
        using var group = writer.AppendRowGroup();
        foreach (var (_, cells) in columns)
        {
            using var column = group.NextColumn().LogicalWriter();
            column.Apply(new Writing(cells));
        }

        writer.Close();
    }

    private sealed class Writing(Array cells) : ILogicalColumnWriterVisitor<bool>
    {
        public bool OnLogicalColumnWriter<TValue>(LogicalColumnWriter<TValue> columnWriter)
        {
            columnWriter.WriteBatch((TValue[])cells);
            return true;
        }
    }
}
