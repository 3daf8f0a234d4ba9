using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Flow;

public sealed class RowReaderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rows-").FullName;
    private readonly FolderStore store;

    public RowReaderTests() => store = new FolderStore(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Rows_are_those_of_the_last_shard_joined_by_sample_in_its_order()
    {
        var ingest = await ShardAsync(
            "ingest",
            Text("sample_id", "a", "b", "c"),
            Text("uri", "1", "2", "3"),
            Text("split", "train", "test", "train")
        );
        var caption = await ShardAsync("caption", Text("sample_id", "c", "a"), Text("caption", "a third", "a first"));

        var rows = await RowReader<Captioned>.ReadAsync(store, [ingest, caption], CancellationToken.None);

        rows.Should().Equal(new Captioned("c", "3", "a third"), new Captioned("a", "1", "a first"));
    }

    [Fact]
    public async Task A_sample_that_a_joined_shard_lacks_is_not_among_the_rows()
    {
        var ingest = await ShardAsync("ingest", Text("sample_id", "b"), Text("uri", "2"));
        var caption = await ShardAsync("caption", Text("sample_id", "a", "b"), Text("caption", "a first", "a second"));

        var rows = await RowReader<Captioned>.ReadAsync(store, [ingest, caption], CancellationToken.None);

        rows.Should().Equal(new Captioned("b", "2", "a second"));
    }

    [Fact]
    public async Task Shards_of_variants_are_joined_by_variant_and_to_samples_by_sample()
    {
        var ingest = await ShardAsync("ingest", Text("sample_id", "a", "b"), Text("label", "wren", "robin"));
        var edit = await ShardAsync(
            "edit",
            Text("sample_id", "a", "a", "b"),
            Text("variant_id", "a1", "a2", "b1"),
            Text("prompt", "snow", "fog", "rain")
        );
        var filter = await ShardAsync(
            "filter",
            Text("sample_id", "b", "a"),
            Text("variant_id", "b1", "a2"),
            Text("verdict", "keep", "drop")
        );

        var rows = await RowReader<Judged>.ReadAsync(store, [ingest, edit, filter], CancellationToken.None);

        rows.Should().Equal(new Judged("b", "b1", "robin", "rain", "keep"), new Judged("a", "a2", "wren", "fog", "drop"));
    }

    [Fact]
    public async Task A_shard_that_is_not_read_from_is_not_opened_unless_its_rows_count()
    {
        var ingest = await ShardAsync("ingest", Text("sample_id", "a", "b"), Text("uri", "1", "2"));
        var other = new ShardReference("other", "nowhere.parquet", "00", 2);
        var caption = await ShardAsync("caption", Text("sample_id", "a"), Text("caption", "a first"));

        var rows = await RowReader<Captioned>.ReadAsync(store, [ingest, other, caption], CancellationToken.None);
        var alone = () => RowReader<Captioned>.ReadAsync(store, [ingest, caption, other], CancellationToken.None);

        rows.Should().HaveCount(1);
        RowReader<Captioned>.Parents([ingest, other, caption]).Should().Equal(ingest, caption);
        (await alone.Should().ThrowAsync<FileNotFoundException>()).Which.FileName.Should().Be("nowhere.parquet");
    }

    [Fact]
    public async Task A_stage_without_a_shard_is_named()
    {
        var ingest = await ShardAsync("ingest", Text("sample_id", "a"), Text("uri", "1"));

        var read = () => RowReader<Captioned>.ReadAsync(store, [ingest], CancellationToken.None);

        await read.Should()
            .ThrowAsync<InvalidDataException>()
            .WithMessage(
                "The message names shards of ingest; it must name one of caption, whose columns are read. Correct the order of the stages."
            );
    }

    [Fact]
    public async Task An_optional_column_is_null_when_its_stage_is_not_upstream()
    {
        var ingest = await ShardAsync("ingest", Text("sample_id", "a", "b"), Text("uri", "1", "2"));

        var rows = await RowReader<Embedded>.ReadAsync(store, [ingest], CancellationToken.None);

        rows.Should().Equal(new Embedded("a", "1", null), new Embedded("b", "2", null));
        RowReader<Embedded>.Parents([ingest]).Should().Equal(ingest);
    }

    [Fact]
    public async Task An_optional_column_is_read_and_joined_when_its_stage_is_upstream()
    {
        var ingest = await ShardAsync("ingest", Text("sample_id", "a", "b"), Text("uri", "1", "2"));
        Half[][] values =
        [
            [(Half)0.5f],
            [],
        ];
        var embed = await ShardAsync("embed", Text("sample_id", "b", "a"), ShardColumn.Of("embedding", values));
        var caption = await ShardAsync("caption", Text("sample_id", "a", "b"));

        var rows = await RowReader<Embedded>.ReadAsync(store, [ingest, embed, caption], CancellationToken.None);

        rows.Select(row => $"{row.SampleId}{row.Uri}:{string.Join(' ', row.Embedding ?? [])}").Should().Equal("a1:", "b2:0.5");
        rows[0].Embedding.Should().NotBeNull();
        RowReader<Embedded>.Parents([ingest, embed, caption]).Should().Equal(ingest, embed, caption);
    }

    [Fact]
    public void Optional_columns_are_told_apart_from_those_that_must_be_there()
    {
        RowReader<Embedded>.Reads.Should().Equal("ingest.sample_id", "ingest.uri");
        RowReader<Embedded>.OptionalReads.Should().Equal("embed.embedding");
        RowReader<Embedded>
            .Types.Select(column => $"{column}")
            .Should()
            .Equal("ingest.sample_id:string", "ingest.uri:string", "embed.embedding:list<float16>?");
    }

    [Fact]
    public void An_optional_column_whose_property_cannot_be_null_is_refused()
    {
        var types = () => RowReader<Insistent>.Types;

        types
            .Should()
            .Throw<ShardColumnException>()
            .WithMessage(
                "The property of Insistent that reads filter.confidence is of type float32; an optional one must be able to be null. Give it a ?."
            );
    }

    [Fact]
    public async Task A_column_that_is_not_there_is_named_with_those_that_are()
    {
        var ingest = await ShardAsync("ingest", Text("sample_id", "a"), Text("url", "1"));
        var caption = await ShardAsync("caption", Text("sample_id", "a"), Text("caption", "a first"));

        var read = () => RowReader<Captioned>.ReadAsync(store, [ingest, caption], CancellationToken.None);

        await read.Should()
            .ThrowAsync<ShardColumnException>()
            .WithMessage(
                "Column 'uri' is not in runs/r/ingest/00000000.parquet; it must be one of sample_id, url. Ask for a column that its stage writes."
            );
    }

    [Fact]
    public void What_is_read_is_named_by_stage_and_column() =>
        RowReader<Captioned>.Reads.Should().Equal("ingest.sample_id", "ingest.uri", "caption.caption");

    private static ShardColumn<string> Text(string name, params string[] cells) => ShardColumn.Of(name, cells);

    private async Task<ShardReference> ShardAsync(string stage, params ShardColumn[] columns)
    {
        var footer = new ShardFooter
        {
            Stage = stage,
            Batch = 0,
            Fingerprint = "00",
        };
        var stamp = await ShardFile.WriteAsync(store, ShardNames.Uri("r", stage, 0), new ShardTable(columns), footer);
        return new ShardReference(stage, stamp.Uri, stamp.Content, (int)stamp.Rows);
    }

    private sealed record Captioned(
        [Reads("ingest", "sample_id")] string SampleId,
        [Reads("ingest", "uri")] string Uri,
        [Reads("caption", "caption")] string Caption
    ) : ISampleRow;

    private sealed record Embedded(
        [Reads("ingest", "sample_id")] string SampleId,
        [Reads("ingest", "uri")] string Uri,
        [Reads("embed", "embedding", IsOptional = true)] Half[]? Embedding
    ) : ISampleRow;

    private sealed record Insistent(
        [Reads("ingest", "sample_id")] string SampleId,
        [Reads("filter", "confidence", IsOptional = true)] float Confidence
    ) : ISampleRow;

    private sealed record Judged(
        [Reads("filter", "sample_id")] string SampleId,
        [Reads("filter", "variant_id")] string? VariantId,
        [Reads("ingest", "label")] string Label,
        [Reads("edit", "prompt")] string Prompt,
        [Reads("filter", "verdict")] string Verdict
    ) : ISampleRow;
}
