namespace Pipeline.Shards.Tests;

public sealed class ShardFooterTests : IDisposable
{
    private const string Uri = "a/b.parquet";
    private static readonly ShardTable Table = new(
        ShardColumn.Of("sample_id", new[] { "a", "b" }),
        ShardColumn.OfNullable("caption", new[] { "", null }),
        ShardColumn.Of("score", new[] { 0.5f, float.NaN })
    );

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_footer_holds_sorted_keys_that_never_change_their_meaning()
    {
        await ShardFile.WriteAsync(
            folder.Store,
            Uri,
            Table,
            Footers.Caption with
            {
                Extra = new Dictionary<string, string> { ["huggingface"] = "{}" },
            }
        );

        using var stream = await folder.Store.OpenReadAsync(Uri);
        await using var reader = await Parquet.ParquetReader.CreateAsync(stream);

        reader
            .Metadata!.KeyValueMetadata!.Select(pair => $"{pair.Key}: {pair.Value}")
            .Should()
            .Equal(
                "huggingface: {}",
                "pipeline.batch: 7",
                "pipeline.call_size: 16",
                "pipeline.columns: string=257866b502d5efdc2ea0786e6ed54234,string?=444fcfb839fe5415de0c6477a7195bc9,float32=2c9ca72d4ff11bbbcb9779f68606bddd",
                "pipeline.content: 22bed07acf22e1b32af28a26cb15b795",
                "pipeline.fingerprint: c0ffee",
                "pipeline.parents: ingest=00ff,edit=11ee",
                "pipeline.rows: 2",
                "pipeline.schema: 1",
                "pipeline.seed: -3",
                "pipeline.stage: caption"
            );
    }

    [Fact]
    public async Task The_footer_comes_back_with_rows_and_content()
    {
        var stamp = await ShardFile.WriteAsync(folder.Store, Uri, Table, Footers.Caption);

        var footer = await ShardFile.ReadFooterAsync(folder.Store, Uri);

        footer.Should().BeEquivalentTo(Footers.Caption with { Rows = 2, Content = stamp.Content });
        footer!.Matches(Footers.Caption).Should().BeTrue();
    }

    [Fact]
    public async Task A_footer_longer_than_the_first_read_comes_back()
    {
        var extra = new Dictionary<string, string> { ["note"] = new string('x', 100_000) };
        await ShardFile.WriteAsync(folder.Store, Uri, Table, Footers.Caption with { Extra = extra });

        var footer = await ShardFile.ReadFooterAsync(folder.Store, Uri);
        var table = await ShardFile.ReadAsync(folder.Store, Uri);

        footer!.Extra.Should().BeEquivalentTo(extra);
        TableText.Of(table).Should().Equal(TableText.Of(Table));
    }

    public static TheoryData<ShardFooter> Others() =>
        [
            Footers.Caption with
            {
                Schema = 2,
            },
            Footers.Caption with
            {
                Stage = "edit",
            },
            Footers.Caption with
            {
                Batch = 8,
            },
            Footers.Caption with
            {
                Fingerprint = "c0fffe",
            },
            Footers.Caption with
            {
                Seed = 3,
            },
            Footers.Caption with
            {
                Parents = [],
            },
            Footers.Caption with
            {
                Parents = [.. Footers.Caption.Parents.Reverse()],
            },
            Footers.Caption with
            {
                Parents = [new ShardParent("ingest", "00fe"), new ShardParent("edit", "11ee")],
            },
        ];

    [Theory]
    [MemberData(nameof(Others))]
    public void A_footer_of_other_work_does_not_match(ShardFooter other) => Footers.Caption.Matches(other).Should().BeFalse();

    [Fact]
    public void What_came_out_is_not_compared()
    {
        var written = Footers.Caption with { CallSize = 8, Rows = 3, Content = "ab", Parents = [.. Footers.Caption.Parents] };

        written.Matches(Footers.Caption).Should().BeTrue();
    }

    public static TheoryData<ShardFooter, string> Unwritable() =>
        new()
        {
            { Footers.Caption with { Stage = "Caption" }, "stage" },
            { Footers.Caption with { Stage = "" }, "stage" },
            { Footers.Caption with { Batch = -1 }, "batch" },
            { Footers.Caption with { Fingerprint = "C0FFEE" }, "fingerprint" },
            { Footers.Caption with { Fingerprint = "" }, "fingerprint" },
            { Footers.Caption with { CallSize = -1 }, "call size" },
            { Footers.Caption with { Parents = [new ShardParent("in gest", "00")] }, "parent's stage" },
            { Footers.Caption with { Parents = [new ShardParent("ingest", "0,0")] }, "parent's content hash" },
            { Footers.Caption with { Extra = new Dictionary<string, string> { ["pipeline.x"] = "" } }, "extra key" },
        };

    [Theory]
    [MemberData(nameof(Unwritable))]
    public async Task A_value_that_could_not_be_read_back_is_refused(ShardFooter footer, string what)
    {
        var write = () => ShardFile.WriteAsync(folder.Store, Uri, Table, footer);

        (await write.Should().ThrowAsync<ArgumentException>()).WithMessage($"The footer's {what} is '*'; it must be *");
    }

    [Fact]
    public async Task The_bounds_of_the_footer_can_be_written()
    {
        var bounds = Footers.Caption with { Batch = int.MaxValue, CallSize = 0, Seed = long.MinValue, Parents = [], Stage = "a-b_1" };
        await ShardFile.WriteAsync(folder.Store, Uri, Table, bounds);

        var footer = await ShardFile.ReadFooterAsync(folder.Store, Uri);

        footer!.Matches(bounds).Should().BeTrue();
    }
}
