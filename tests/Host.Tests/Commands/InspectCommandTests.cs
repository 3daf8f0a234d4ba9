using Pipeline.Host.Commands;
using Pipeline.Models.Images;
using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.Host.Tests.Commands;

public sealed class InspectCommandTests
{
    [Fact]
    public async Task Footer_columns_and_rows_are_shown()
    {
        using var folder = new TemporaryFolder();
        var png = PngEncoder.Encode(new RgbImage(2, 3, new byte[18]));
        await WriteAsync(folder, png);

        var result = await CommandLineResult.Of(InspectCommand.Create(), "inspect", Path.Combine(folder.Root, "00000004.parquet"));

        result.Code.Should().Be(0);
        result.Line("stage").Should().Equal("stage", "edit");
        result.Line("batch").Should().Equal("batch", "4");
        result.Line("parent").Should().Equal("parent", "ingest=ab");
        result.Line("strength").Should().Equal("strength", "float64?");
        result.Output.Should().Contain($"PNG 2×3, {png.Length} bytes").And.Contain("  3 bytes").And.Contain("[1, 2, 3, 4, … 5 values]");
        result.Output.Should().Contain("row 0").And.Contain("row 1").And.Contain("0.25").And.Contain("null");
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("9", 2)]
    public async Task Rows_are_as_many_as_asked_for(string rows, int shown)
    {
        using var folder = new TemporaryFolder();
        await WriteAsync(folder, [1]);

        var result = await CommandLineResult.Of(
            InspectCommand.Create(),
            "inspect",
            Path.Combine(folder.Root, "00000004.parquet"),
            "--rows",
            rows
        );

        result.Output.Split('\n').Count(line => line.StartsWith("row ", StringComparison.Ordinal)).Should().Be(shown);
    }

    [Fact]
    public async Task Missing_damaged_and_temporary_files_give_2()
    {
        using var folder = new TemporaryFolder();
        var damaged = folder.Write("00000001.parquet", "PAR1 no shard");
        var temporary = folder.Write(".00000001.parquet.tmp-1", "");

        var missing = await CommandLineResult.Of(InspectCommand.Create(), "inspect", Path.Combine(folder.Root, "no.parquet"));
        var broken = await CommandLineResult.Of(InspectCommand.Create(), "inspect", damaged);
        var half = await CommandLineResult.Of(InspectCommand.Create(), "inspect", temporary);

        new[] { missing.Code, broken.Code, half.Code }.Should().AllBeEquivalentTo(2);
        missing.Error.Should().Contain("is not a file");
        broken.Error.Should().Contain("00000001.parquet is no whole shard of this program");
    }

    private static Task<ShardStamp> WriteAsync(TemporaryFolder folder, byte[] image) =>
        ShardFile.WriteAsync(
            new FolderStore(folder.Root),
            "00000004.parquet",
            new ShardTable(
                ShardColumn.Of("sample_id", (string[])["a", "b"]),
                ShardColumn.Of("strength", (double?[])[0.25, null]),
                ShardColumn.Of("image", (byte[][])[image, [1, 2, 3]]),
                ShardColumn.Of(
                    "scores",
                    (float[][])
                        [
                            [1, 2, 3, 4, 5],
                            [],
                        ]
                )
            ),
            new ShardFooter
            {
                Stage = "edit",
                Batch = 4,
                Fingerprint = "cd",
                Seed = 7,
                Parents = [new ShardParent("ingest", "ab")],
            }
        );
}
