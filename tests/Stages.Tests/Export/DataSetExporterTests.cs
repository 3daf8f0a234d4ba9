using System.Text.Json;
using ParquetSharp;
using Pipeline.Shards;
using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export;

public sealed class DataSetExporterTests : IDisposable
{
    private const string Train = "augmented/train-00000-of-00001.parquet";
    private static readonly ExportOptions Options = new();
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task Originals_of_a_batch_come_before_its_selected_edits_and_other_splits_have_originals_only()
    {
        var result = await DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);

        var train = await ReadAsync(Train);
        train
            .Get<string?>("variant_id")
            .Should()
            .Equal(null, null, null, SmallRun.Variant(0, 3), SmallRun.Variant(0, 0), null, null, null, SmallRun.Variant(1, 0));
        int[] expected = [0, 1, 3, 3, 0, 10, 11, 13, 10];
        train.Get<string?>("sample_id").Should().Equal(expected.Select(id => $"{id:x32}"));
        train.Get<string?>("source").Should().Equal(train.Get<string?>("variant_id").Select(id => id is null ? "original" : "edit"));
        result
            .Uris.Should()
            .Equal(
                Train,
                "augmented/validation-00000-of-00001.parquet",
                "augmented/test_a-00000-of-00001.parquet",
                "augmented/README.md",
                "augmented/croissant.json",
                "augmented/manifest.json"
            );
        (await ReadAsync("augmented/test_a-00000-of-00001.parquet"))
            .Get<string?>("sample_id")
            .Should()
            .Equal(SmallRun.Sample(0, 4), SmallRun.Sample(1, 4));
        result
            .Originals.Should()
            .BeEquivalentTo(
                new Dictionary<string, int>
                {
                    ["train"] = 6,
                    ["validation"] = 2,
                    ["test_a"] = 2,
                }
            );
        result.Edits.Should().Be(3);
    }

    [Fact]
    public async Task Bytes_come_from_the_reference_or_the_embedded_column_or_the_edit()
    {
        await DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);

        var train = await ReadAsync(Train);
        var images = train.Get<byte[]?>("image.bytes");
        images[1].Should().Equal(SmallRun.Original(0, 1));
        images[6].Should().Equal(SmallRun.Original(1, 1));
        images[4].Should().Equal(SmallRun.Edited(0, 0));
        train.Get<string?>("image.path")[4].Should().Be(SmallRun.Variant(0, 0) + ".png");
        train.Get<string?>("image.path")[1].Should().Be("pictures/0-1.jpg");
    }

    [Fact]
    public async Task Columns_of_stages_and_columns_carried_through_stand_beside()
    {
        await DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);

        var train = await ReadAsync(Train);
        train
            .Columns.Skip(10)
            .Select(column => column.Name)
            .Should()
            .Equal("camera_0", "camera_1", "edit_prompt_index", "edit_strength", "caption", "filter_confidence", "filter_verdict");
        train.Get<string?>("caption")[..4].Should().Equal("a bird 0", "a bird 1", "a bird 3", null);
        train.Get<string?>("camera_1").Should().Equal(null, null, null, null, null, null, "c1", null, null);
        train.Get<string?>("filter_verdict")[2..5].Should().Equal(null, "keep", "keep");
        train.Get<float?>("filter_confidence")[3].Should().Be(0.75f);
        train.Get<string?>("prompt")[4].Should().Be("in snow 0");
        train.Get<string?>("group")[..2].Should().Equal(null, "g");
    }

    [Fact]
    public async Task Columns_of_the_input_that_an_earlier_export_named_keep_apart()
    {
        run.Shards.Add(
            "ingest",
            0,
            [
                .. (
                    await run.Shards.ReadAsync(
                        "ingest",
                        0,
                        [.. (await run.Shards.FieldsAsync("ingest", 0, default))!.Select(field => field.Name)],
                        default
                    )
                )!.Columns,
                ShardColumn.OfNullable("caption", new string?[] { "first", null, null, null, null }),
                ShardColumn.OfNullable("manifest_caption", new string?[] { "second", null, null, null, null }),
            ]
        );

        await DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);

        var train = await ReadAsync(Train);
        train.Get<string?>("caption")[0].Should().Be("a bird 0");
        train.Get<string?>("manifest_manifest_caption")[0].Should().Be("first");
        train.Get<string?>("manifest_caption")[0].Should().Be("second");
    }

    [Fact]
    public async Task Apache_s_reader_reads_the_files_and_their_features()
    {
        await DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);

        using var reader = new ParquetFileReader(run.PathOf(Train));
        using var group = reader.RowGroup(0);
        reader.FileMetaData.Schema.GroupNode.Fields[0].Name.Should().Be("image");
        group.Column(0).LogicalReader<Nested<byte[]>?>().ReadAll(9)[1]!.Value.Value.Should().Equal(SmallRun.Original(0, 1));
        group.Column(2).LogicalReader<long?>().ReadAll(9).Should().Equal(0, 1, 1, 1, 0, 0, 1, 1, 0);
        using var huggingFace = JsonDocument.Parse(reader.FileMetaData.KeyValueMetadata["huggingface"]);
        var features = huggingFace.RootElement.GetProperty("info").GetProperty("features");
        features.GetProperty("image").GetProperty("_type").GetString().Should().Be("Image");
        features.GetProperty("label").GetProperty("_type").GetString().Should().Be("ClassLabel");
        features.GetProperty("label").GetProperty("names")[0].GetString().Should().Be("land \"bird\"");
        features.GetProperty("filter_confidence").GetProperty("dtype").GetString().Should().Be("float32");
        features.EnumerateObject().Should().HaveCount(16);
    }

    [Fact]
    public async Task Same_input_in_another_order_gives_equal_bytes()
    {
        await DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);
        var first = await File.ReadAllBytesAsync(run.PathOf(Train), TestContext.Current.CancellationToken);
        var reversed = run.Request with { Selected = [.. run.Request.Selected.Reverse()] };

        await DataSetExporter.WriteAsync(reversed, Options, run.Store, TestContext.Current.CancellationToken);

        var second = await File.ReadAllBytesAsync(run.PathOf(Train), TestContext.Current.CancellationToken);
        second.Should().Equal(first);
    }

    [Fact]
    public async Task File_ends_with_the_row_that_brings_it_to_its_size_and_old_files_go()
    {
        await DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(run.PathOf("augmented/notes.txt"), "mine", TestContext.Current.CancellationToken);

        await DataSetExporter.WriteAsync(
            run.Request,
            new ExportOptions { ShardBytes = 200 },
            run.Store,
            TestContext.Current.CancellationToken
        );

        var files = await run.Store.ListAsync("augmented/train", TestContext.Current.CancellationToken);
        files
            .Should()
            .Equal(
                "augmented/train-00000-of-00004.parquet",
                "augmented/train-00001-of-00004.parquet",
                "augmented/train-00002-of-00004.parquet",
                "augmented/train-00003-of-00004.parquet"
            );
        var rows = new List<int>();
        foreach (var file in files)
            rows.Add((await ReadAsync(file)).Rows);
        rows.Should().Equal(2, 4, 2, 1);
        File.Exists(run.PathOf("augmented/notes.txt")).Should().BeTrue();
    }

    [Fact]
    public async Task Sample_to_be_left_out_takes_its_edits_along()
    {
        var request = run.Request with
        {
            LeftOut = new HashSet<string> { SmallRun.Sample(0, 0), SmallRun.Sample(0, 2) },
        };

        var result = await DataSetExporter.WriteAsync(request, Options, run.Store, TestContext.Current.CancellationToken);

        var train = await ReadAsync(Train);
        train.Get<string?>("sample_id").Should().NotContain(SmallRun.Sample(0, 0)).And.HaveCount(7);
        result.EditsLeftOut.Should().Be(1);
        result.Originals["validation"].Should().Be(1);
    }

    [Fact]
    public async Task Edit_that_is_not_there_is_an_error()
    {
        var request = run.Request with { Selected = [new ExportEdit("f0", 1)] };

        var writing = () => DataSetExporter.WriteAsync(request, Options, run.Store, TestContext.Current.CancellationToken);

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage("*f0*batch 1*");
    }

    [Fact]
    public async Task Edit_of_a_validation_sample_never_gets_into_training()
    {
        run.Shards.Add(
            "edit",
            0,
            ShardColumn.Of("sample_id", new[] { SmallRun.Sample(0, 2) }),
            ShardColumn.Of("variant_id", new[] { "f0" }),
            ShardColumn.Of("prompt", new[] { "in snow" }),
            ShardColumn.Of("image", new byte[][] { [1] })
        );
        var request = run.Request with { Selected = [new ExportEdit("f0", 0)] };

        var writing = () => DataSetExporter.WriteAsync(request, Options, run.Store, TestContext.Current.CancellationToken);

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage("*f0*not a training sample*");
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("short")]
    public async Task Original_that_changed_is_an_error_and_leaves_an_earlier_export_alone(string how)
    {
        await DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);
        var path = Path.Combine(run.Input, "pictures/0-1.jpg");
        File.Delete(path);
        if (how == "short")
            await File.WriteAllBytesAsync(path, new byte[102], TestContext.Current.CancellationToken);

        var writing = () => DataSetExporter.WriteAsync(run.Request, Options, run.Store, TestContext.Current.CancellationToken);

        await writing.Should().ThrowAsync<InvalidDataException>().WithMessage("The original 'pictures/0-1.jpg' *Run the pipeline again*");
        (await ReadAsync(Train)).Rows.Should().Be(9);
    }

    private Task<ShardTable> ReadAsync(string uri) => ShardFile.ReadAsync(run.Store, uri, stop: TestContext.Current.CancellationToken);
}
