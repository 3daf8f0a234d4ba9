using System.Text;
using Pipeline.Models.Images;
using Pipeline.Shards.Records;
using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class SampleReaderTests
{
    [Fact]
    public async Task Row_says_what_the_file_holds()
    {
        using var input = new InputFolder()
            .With("1.jpg", JpegEncoder.Encode(new RgbImage(8, 5, new byte[8 * 5 * 3])))
            .WithTable("file,label,split,group,note", "1.jpg,a,dev,g,n");

        var row = (await ReadAsync(input)).Row!;

        row.SampleId.Should().MatchRegex("^[0-9a-f]{32}$");
        (row.Uri, row.Offset, row.Length, row.Width, row.Height).Should().Be(("1.jpg", 0L, new FileInfo(input.At("1.jpg")).Length, 8, 5));
        (row.Label, row.LabelName, row.Split, row.Group, row.Extra["note"]).Should().Be((0, "a", "validation", "g", "n"));
        row.Image.Should().BeNull();
    }

    [Fact]
    public async Task Row_carries_the_bytes_if_embedded()
    {
        using var input = new InputFolder().With("a/1.png", InputFolder.Png());

        var row = (await SampleReader.ReadAsync(input.Path, input.Entries()[0], embed: true, null)).Row!;

        row.Image.Should().Equal(InputFolder.Png());
    }

    [Fact]
    public void Sample_id_depends_on_bytes_and_uri_alone()
    {
        var ids = new[] { SampleReader.SampleId([1, 2], "a"), SampleReader.SampleId([1, 3], "a"), SampleReader.SampleId([1, 2], "b") };

        ids.Should().OnlyHaveUniqueItems();
        SampleReader.SampleId([1, 2], "a").Should().Be(ids[0]);
    }

    [Fact]
    public void Sample_id_keeps_its_value_from_version_to_version()
    {
        var id = SampleReader.SampleId("image"u8, "a/ü.png");

        id.Should().Be("ba04e74af03c13b4a67344a962a3da5d");
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("not an image", "not-an-image")]
    [InlineData("\u0089PNG\r\n\u001a\n", "truncated")]
    public async Task Bytes_that_are_no_image_are_rejected(string text, string kind)
    {
        using var input = new InputFolder().With("a/1.png", Encoding.Latin1.GetBytes(text));

        var outcome = await ReadAsync(input);

        outcome.Row.Should().BeNull();
        outcome.Rejected!.Kind.Should().Be(kind);
    }

    [Theory]
    [InlineData(178_000, true)]
    [InlineData(178_001, false)]
    public async Task Image_may_have_178_million_pixels(int width, bool isRight)
    {
        var png = InputFolder.Png();
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 1000);
        using var input = new InputFolder().With("a/1.png", png);

        var outcome = await ReadAsync(input);

        (outcome.Row is not null).Should().Be(isRight);
        (outcome.Rejected?.Kind == "too-large").Should().Be(!isRight);
    }

    [Theory]
    [InlineData(10_000, null)]
    [InlineData(10_001, "too-many-frames")]
    public async Task Image_may_have_10_000_frames(int frames, string? kind)
    {
        byte[] screen = [.. "GIF89a"u8, 1, 0, 1, 0, 0, 0, 0];
        byte[] frame = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0];
        using var input = new InputFolder().With(
            "a/1.gif",
            [.. screen, .. Enumerable.Repeat(frame, frames).SelectMany(bytes => bytes), 0x3B]
        );

        var outcome = await ReadAsync(input);

        outcome.Rejected?.Kind.Should().Be(kind);
        (outcome.Row is null).Should().Be(kind is not null);
    }

    [Theory]
    [InlineData(16 << 20, null)]
    [InlineData((16 << 20) + 1, "too-much-metadata")]
    public async Task Image_may_have_16_mebibytes_of_metadata(int size, string? kind)
    {
        var png = InputFolder.Png();
        var length = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, size);
        using var input = new InputFolder().With("a/1.png", [.. png[..33], .. length, .. "tEXt"u8, .. new byte[size + 4], .. png[33..]]);

        var outcome = await ReadAsync(input);

        outcome.Rejected?.Kind.Should().Be(kind);
        (outcome.Row is null).Should().Be(kind is not null);
    }

    [Fact]
    public async Task File_of_more_than_1_gibibyte_is_rejected_unread()
    {
        using var input = new InputFolder().With("a/1.png");
        using (var file = File.OpenWrite(input.At("a/1.png")))
            file.SetLength(SampleReader.MostFileBytes + 1);

        var outcome = await ReadAsync(input);

        outcome
            .Rejected.Should()
            .Match<Rejected>(rejected => rejected.Kind == "too-large" && rejected.Message.Contains("1,073,741,825 bytes"));
    }

    [Fact]
    public async Task File_that_went_away_after_it_was_listed_is_missing()
    {
        using var input = new InputFolder().With("a/1.png");
        var entry = input.Entries()[0];
        File.Delete(input.At("a/1.png"));

        var outcome = await SampleReader.ReadAsync(input.Path, entry, false, null);

        outcome.Rejected!.Kind.Should().Be("missing-file");
    }

    [Fact]
    public async Task Fault_of_the_listing_is_the_outcome()
    {
        using var input = new InputFolder().WithTable("file,label", "gone.png,a");

        var outcome = await ReadAsync(input);

        outcome.Rejected!.Kind.Should().Be("missing-file");
        outcome.WasRead.Should().BeFalse();
    }

    [Fact]
    public void Row_is_the_columns_that_other_stages_read()
    {
        var columns = ShardSchema.Describe(typeof(IngestRow));

        columns
            .Should()
            .Equal(
                "sample_id:string",
                "uri:string",
                "container:string?",
                "offset:int64",
                "length:int64",
                "image:binary?",
                "width:int32",
                "height:int32",
                "label:int32",
                "label_name:string",
                "split:string",
                "group:string",
                "*:string?"
            );
    }

    private static ValueTask<SampleOutcome> ReadAsync(InputFolder input) =>
        SampleReader.ReadAsync(input.Path, input.Entries()[0], embed: false, null);
}
