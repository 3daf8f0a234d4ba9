using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Shards between .NET and Python, which share no code: the contract of src/Messages/README.md holds in both directions.</summary>
public sealed class PythonShardTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-python-").FullName;

    private FolderStore Store => new(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Shard_written_in_Python_is_one_of_ours()
    {
        PythonProgram.SkipWithout();
        const string Program = """
            import sys, shards
            columns = {
                "sample_id": ("string", ["a", "", "ä😀"]),
                "naïve 😀": ("string?", [None, "x", None]),
                "count": ("int32", [-1, 0, 2**31 - 1]),
                "bytes": ("int64?", [2**40, None, -3]),
                "bits": ("float32", [0.1, -0.0, 3e38]),
                "score": ("float64?", [None, 0.1, 1e-300]),
                "good": ("bool", [True, False, True]),
                "better": ("bool?", [None, True, False]),
                "thumb": ("binary?", [b"", None, b"\0\xff"]),
            }
            footer = {"stage": "entropy", "batch": 7, "fingerprint": "0af1", "seed": 5, "parents": "ingest=00ff,caption=11ee", "call_size": 0}
            print(*shards.write(sys.argv[1], columns, footer, {"rows_in": "4", "quarantined": "1"}))
            """;

        var printed = await PythonProgram.RunAsync("-c", Program, Path.Combine(folder, "deep/00000007.parquet"));

        var expected = new ShardTable(
            ShardColumn.Of("sample_id", new[] { "a", "", "ä😀" }),
            ShardColumn.OfNullable("naïve 😀", new[] { null, "x", null }),
            ShardColumn.Of("count", new[] { -1, 0, int.MaxValue }),
            ShardColumn.Of("bytes", new long?[] { 1L << 40, null, -3 }),
            ShardColumn.Of("bits", new[] { 0.1f, -0.0f, 3e38f }),
            ShardColumn.Of("score", new double?[] { null, 0.1, 1e-300 }),
            ShardColumn.Of("good", new[] { true, false, true }),
            ShardColumn.Of("better", new bool?[] { null, true, false }),
            ShardColumn.OfNullable("thumb", new byte[]?[] { [], null, [0, 255] })
        );
        var (read, footer) = (await ReadAsync("deep/00000007.parquet"), await FooterAsync("deep/00000007.parquet"));
        Text(read).Should().Be(Text(expected));
        footer.Content.Should().Be(ShardFile.HashOf(expected));
        printed.Trim().Should().Be($"{footer.Content} {new FileInfo(Path.Combine(folder, "deep/00000007.parquet")).Length}");
        footer
            .Matches(
                new ShardFooter
                {
                    Stage = "entropy",
                    Batch = 7,
                    Fingerprint = "0af1",
                    Seed = 5,
                    Parents = [new ShardParent("ingest", "00ff"), new ShardParent("caption", "11ee")],
                }
            )
            .Should()
            .BeTrue();
        (footer.Rows, footer.Extra["rows_in"], footer.Extra["quarantined"]).Should().Be((3, "4", "1"));
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Should().ContainSingle("no temporary file may stay");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public async Task Shard_of_so_many_rows_written_in_Python_is_whole(int rows)
    {
        PythonProgram.SkipWithout();
        const string Program = """
            import sys, shards
            ids = [f"{row:032x}" for row in range(int(sys.argv[2]))]
            columns = {"sample_id": ("string", ids), "score": ("float32?", [None if row % 2 else row / 3 for row in range(len(ids))])}
            footer = {"stage": "entropy", "batch": 0, "fingerprint": "00", "seed": 0, "parents": "", "call_size": 0}
            shards.write(sys.argv[1], columns, footer, {})
            """;

        await PythonProgram.RunAsync("-c", Program, Path.Combine(folder, "a.parquet"), $"{rows}");

        var expected = new ShardTable(
            ShardColumn.Of("sample_id", Enumerable.Range(0, rows).Select(row => $"{row:x32}").ToArray()),
            ShardColumn.Of("score", Enumerable.Range(0, rows).Select(row => row % 2 == 0 ? (float?)(row / 3.0) : null).ToArray())
        );
        Text(await ReadAsync("a.parquet")).Should().Be(Text(expected));
        (await FooterAsync("a.parquet")).Content.Should().Be(ShardFile.HashOf(expected));
    }

    [Theory]
    [InlineData(0, 1 << 20)]
    [InlineData(3, 1 << 20)]
    [InlineData(300, 1 << 20)]
    [InlineData(300, 5000)]
    public async Task Shard_of_ours_is_read_in_Python(int rows, int rowGroupBytes)
    {
        PythonProgram.SkipWithout();
        const string Program = """
            import json, sys, shards
            columns = shards.read(sys.argv[1], ["id", "class", "text", "none", "score", "size", "good", "image.bytes", "missing"])
            columns["image.bytes"] = [None if value is None else value.hex() for value in columns["image.bytes"]]
            print(json.dumps([dict(zip(columns, row)) for row in zip(*columns.values())]))
            print(shards.footer(sys.argv[1])["pipeline.content"])
            """;
        var written = Enumerable
            .Range(0, rows)
            .Select(row => new Row(
                $"{row:x32}",
                $"class {row % 3} ä",
                $"an image of number {row:D4}",
                row % 4 == 0 ? null : row / 4.0f,
                row * 10_000_000_000,
                row % 3 == 0,
                row % 5 == 0 ? null : Convert.ToHexStringLower(BitConverter.GetBytes(row))
            ))
            .ToArray();
        var table = new ShardTable(
            ShardColumn.Of("id", [.. written.Select(row => row.Id)]),
            ShardColumn.Of("class", [.. written.Select(row => row.Class)]),
            ShardColumn.Of("text", [.. written.Select(row => row.Text)]),
            ShardColumn.OfNullable("none", new string?[rows]),
            ShardColumn.Of("score", [.. written.Select(row => row.Score)]),
            ShardColumn.Of("size", [.. written.Select(row => row.Size)]),
            ShardColumn.Of("good", [.. written.Select(row => row.Good)]),
            ShardColumn.OfNullable("image.bytes", [.. written.Select(row => row.Image is null ? null : Convert.FromHexString(row.Image))])
        );
        var footer = new ShardFooter
        {
            Stage = "ingest",
            Batch = 0,
            Fingerprint = "00",
        };

        var stamp = await ShardFile.WriteAsync(Store, "a.parquet", table, footer, rowGroupBytes);
        var printed = await PythonProgram.RunAsync("-c", Program, Path.Combine(folder, "a.parquet"));

        var lines = printed.TrimEnd().Split('\n');
        JsonSerializer.Deserialize<Row[]>(lines[0], JsonSerializerOptions.Web).Should().Equal(written);
        lines[1].Should().Be(stamp.Content);
    }

    [Fact]
    public async Task Flipped_bit_is_seen_in_Python()
    {
        PythonProgram.SkipWithout();
        const string Program = """
            import sys, parquet, shards
            try:
                shards.read(sys.argv[1], ["id"])
            except parquet.Damaged as error:
                print(error)
            """;
        var path = Path.Combine(folder, "a.parquet");
        var footer = new ShardFooter
        {
            Stage = "ingest",
            Batch = 0,
            Fingerprint = "00",
        };
        await ShardFile.WriteAsync(Store, "a.parquet", new ShardTable(ShardColumn.Of("id", new[] { "number one" })), footer);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.AsSpan().IndexOf("\u000a\0\0\0number one"u8) + sizeof(int)] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        var printed = await PythonProgram.RunAsync("-c", Program, path);

        printed.Should().Contain("column id").And.Contain("not what its footer says");
    }

    [Fact]
    public async Task Example_of_the_contract_has_the_hashes_that_we_write()
    {
        var contract = await File.ReadAllTextAsync(Path.Combine(SamplePictures.Repository, "src/Messages/README.md"));
        var table = new ShardTable(ShardColumn.Of("sample_id", new[] { "a", "bc" }), ShardColumn.Of("bits", new[] { 0.5f, 8 }));
        var footer = new ShardFooter
        {
            Stage = "entropy",
            Batch = 0,
            Fingerprint = "00",
        };

        await ShardFile.WriteAsync(Store, "a.parquet", table, footer);

        using var parquet = new ParquetSharp.ParquetFileReader(Path.Combine(folder, "a.parquet"));
        var keys = parquet.FileMetaData.KeyValueMetadata;
        var digests = keys["pipeline.columns"].Split(',').Select(column => column.Split('=')[1]);
        contract.Should().ContainAll([.. digests.Append(keys["pipeline.content"]).Select(hash => $"`{hash}`")]);
        contract.Should().ContainAll(keys.Keys.Select(key => $"`{key}`"), "every key of the footer is told");
    }

    private Task<ShardTable> ReadAsync(string uri) => ShardFile.ReadAsync(Store, uri);

    private async Task<ShardFooter> FooterAsync(string uri) =>
        await ShardFile.ReadFooterAsync(Store, uri) ?? throw new FileNotFoundException(uri);

    /// <summary>Names, types and cells, for comparison.</summary>
    private static string Text(ShardTable table) =>
        string.Join(
            '\n',
            table.Columns.Select(column =>
                $"{column.Name} {column.Type}: {JsonSerializer.Serialize(Enumerable.Range(0, column.Rows).Select(column.Cell))}"
            )
        );

    private sealed record Row(
        string Id,
        string Class,
        string Text,
        float? Score,
        long Size,
        bool Good,
        [property: System.Text.Json.Serialization.JsonPropertyName("image.bytes")] string? Image
    );
}
