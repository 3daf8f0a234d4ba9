using ParquetSharp;
using Pipeline.Stages.Export;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Tests.Export;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class ParquetSourceTests
{
    [Theory]
    [InlineData(Compression.Uncompressed, false, false)]
    [InlineData(Compression.Uncompressed, true, false)]
    [InlineData(Compression.Snappy, false, false)]
    [InlineData(Compression.Snappy, true, false)]
    [InlineData(Compression.Zstd, false, false)]
    [InlineData(Compression.Zstd, true, false)]
    [InlineData(Compression.Gzip, false, false)]
    [InlineData(Compression.Brotli, false, false)]
    [InlineData(Compression.Lz4, false, false)]
    [InlineData(Compression.Uncompressed, false, true)]
    [InlineData(Compression.Snappy, false, true)]
    [InlineData(Compression.Zstd, true, true)]
    public async Task Images_and_columns_are_the_same_however_the_file_is_written(Compression compression, bool dictionary, bool isVersion2)
    {
        using var input = new InputFolder().With(
            "data/train-00000-of-00001.parquet",
            new ParquetInput
            {
                Compression = compression,
                Dictionary = dictionary,
                Version = isVersion2 ? ParquetDataPageVersion.V2 : ParquetDataPageVersion.V1,
                GroupRows = 4,
                PageBytes = 100,
                HuggingFace = ParquetInput.CatAndDog,
            }.Write([.. Enumerable.Range(0, 10).Select(Row)])
        );

        var source = input.Open();
        var entries = source.Entries().ToArray();
        var images = await BytesAsync(source, entries);

        source.Format.Should().Be("parquet");
        source.ClassNames.Should().Equal("cat", "dog");
        entries
            .Select(entry => entry.Uri)
            .Should()
            .Equal(Enumerable.Range(0, 10).Select(row => $"data/train-00000-of-00001.parquet/{row:D6}"));
        entries.Select(entry => entry.Label).Should().Equal(Enumerable.Range(0, 10).Select(row => row % 2));
        entries.Select(entry => entry.Group).Should().Equal(Enumerable.Range(0, 10).Select(row => row % 3 == 0 ? "" : $"g{row}"));
        entries[4].Extra.Should().Equal(new Dictionary<string, string> { ["input_width"] = "2.25", ["image_path"] = "4.png" });
        entries.Should().OnlyContain(entry => entry.Fault == null && entry.Split == "train");
        images.Should().BeEquivalentTo(Enumerable.Range(0, 10).Select(row => Row(row).Bytes), options => options.WithStrictOrdering());
    }

    [Fact]
    public void Images_that_lie_there_as_they_are_are_ranges_and_others_are_fetched()
    {
        using var input = new InputFolder()
            .With("plain.parquet", new ParquetInput().Write(Row(0), Row(1)))
            .With("packed.parquet", new ParquetInput { Compression = Compression.Snappy }.Write(Row(0), Row(1)));

        var plain = IngestSource.Open(input.At("plain.parquet"), new()).Entries().ToArray();
        var packed = IngestSource.Open(input.At("packed.parquet"), new()).Entries().ToArray();

        plain.Should().OnlyContain(entry => entry.Container == "plain.parquet" && entry.Fetch == null);
        plain.Should().OnlyContain(entry => entry.Size == Row(entry.Label).Bytes!.Length && entry.Offset > 0);
        packed.Should().OnlyContain(entry => entry.Container == null && entry.Fetch != null && entry.Size > 0);
    }

    [Fact]
    public async Task Images_of_an_earlier_row_group_can_be_fetched_again()
    {
        using var input = new InputFolder().With(
            "a.parquet",
            new ParquetInput { Compression = Compression.Zstd, GroupRows = 2 }.Write([.. Enumerable.Range(0, 6).Select(Row)])
        );
        var source = input.Open();
        var entries = source.Entries().Reverse().ToArray();

        var images = await BytesAsync(source, entries);

        images
            .Should()
            .BeEquivalentTo(Enumerable.Range(0, 6).Reverse().Select(row => Row(row).Bytes), options => options.WithStrictOrdering());
    }

    [Fact]
    public void Files_are_taken_by_the_split_of_their_name_wherever_they_lie()
    {
        var file = new ParquetInput();
        using var input = new InputFolder()
            .With("README.md", "card"u8.ToArray())
            .With("data/test_a-00000-of-00001.parquet", file.Write(Row(3)))
            .With("data/val-00000-of-00001.parquet", file.Write(Row(2)))
            .With("data/train-00001-of-00002.parquet", file.Write(Row(1)))
            .With("more.parquet", file.Write(Row(4)))
            .With("data/train-00000-of-00002.parquet", file.Write(Row(0)));

        var entries = input.Entries();

        entries
            .Select(entry => $"{entry.Uri} {entry.Split}")
            .Should()
            .Equal(
                "data/train-00000-of-00002.parquet/000000 train",
                "data/train-00001-of-00002.parquet/000000 train",
                "more.parquet/000000 train",
                "data/val-00000-of-00001.parquet/000000 validation",
                "data/test_a-00000-of-00001.parquet/000000 test_a"
            );
    }

    [Theory]
    [InlineData("all.parquet", null, "validation test")]
    [InlineData("train.parquet", null, "train train")]
    [InlineData("train.parquet", "split", "validation test")]
    public void Column_tells_the_split_where_the_name_does_not_or_where_it_is_set(string name, string? column, string splits)
    {
        using var input = new InputFolder().With(
            name,
            new ParquetInput().Write(Row(0) with { Split = "dev" }, Row(1) with { Split = "Test" })
        );

        var entries = input.Open(new() { SplitColumn = column }).Entries();

        string.Join(' ', entries.Select(entry => entry.Split)).Should().Be(splits);
    }

    [Theory]
    [InlineData("""{"info":{"features":{"label":{"num_classes":2,"names":["cat","dog"],"id":null,"_type":"ClassLabel"}}}}""", "cat dog")]
    [InlineData("""{"info":{"features":{"label":{"names":{"1":"dog","0":"cat"},"_type":"ClassLabel"}}}}""", "cat dog")]
    [InlineData("""{"info":{"features":{"label":{"class_label":{"names":["cat","dog"]}}}}}""", "cat dog")]
    [InlineData(
        """{"info":{"features":[{"name":"image","dtype":"image"},{"name":"label","dtype":{"class_label":{"names":{"0":"cat","1":"dog"}}}}]}}""",
        "cat dog"
    )]
    [InlineData("""{"info":{"features":{"label":{"dtype":"int64","_type":"Value"}}}}""", "0 1")]
    [InlineData("""{"info":[]}""", "0 1")]
    [InlineData(null, "0 1")]
    public void Classes_are_those_of_the_metadata_or_the_numbers(string? metadata, string names)
    {
        using var input = new InputFolder().With("a.parquet", new ParquetInput { HuggingFace = metadata }.Write(Row(0), Row(1)));

        var source = input.Open();

        string.Join(' ', source.ClassNames).Should().Be(names);
        source
            .Entries()
            .Select(entry => $"{entry.Label} {entry.LabelName}")
            .Should()
            .Equal($"0 {names[..names.IndexOf(' ')]}", $"1 {names[(names.IndexOf(' ') + 1)..]}");
    }

    [Fact]
    public void Numbers_of_all_files_without_names_are_one_list_in_their_order()
    {
        using var input = new InputFolder()
            .With("a.parquet", new ParquetInput().Write(Row(0) with { Label = 10 }, Row(1) with { Label = 9 }))
            .With("b.parquet", new ParquetInput().Write(Row(0) with { Label = -1 }));

        var source = input.Open();

        source.ClassNames.Should().Equal("-1", "9", "10");
        source.Entries().Select(entry => entry.Label).Should().Equal(2, 1, 0);
    }

    [Fact]
    public void Label_may_be_text_and_the_image_bytes_alone_of_any_name()
    {
        using var input = new InputFolder().With(
            "a.parquet",
            new ParquetInput
            {
                Bare = true,
                ImageName = "photo",
                NamedLabels = true,
                HuggingFace = ParquetInput.CatAndDog,
            }.Write(Row(0) with { Name = "wolf" }, Row(1) with { Name = "ape" })
        );

        var source = input.Open(new() { ImageColumn = "photo" });

        source.ClassNames.Should().Equal("ape", "wolf");
        source.Entries().Select(entry => entry.Label).Should().Equal(1, 0);
        source.Entries().First().Extra.Should().NotContainKey("photo_path");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Faults_of_a_row_leave_the_others_alone(bool isPacked)
    {
        using var input = new InputFolder()
            .With("data/there/6.png")
            .With(
                "data/train.parquet",
                new ParquetInput
                {
                    Compression = isPacked ? Compression.Zstd : Compression.Uncompressed,
                    HuggingFace = ParquetInput.CatAndDog,
                }.Write(
                    Row(0),
                    Row(1) with
                    {
                        Label = null,
                    },
                    Row(2) with
                    {
                        Label = 2,
                    },
                    Row(3) with
                    {
                        Label = -1,
                    },
                    Row(4) with
                    {
                        Bytes = null,
                        Path = null,
                    },
                    Row(5) with
                    {
                        Bytes = null,
                    },
                    Row(6) with
                    {
                        Bytes = null,
                    },
                    Row(7) with
                    {
                        Bytes = null,
                        Path = "./there//6.png",
                    },
                    Row(8) with
                    {
                        Bytes = null,
                        Path = "../8.png",
                    },
                    Row(9) with
                    {
                        Bytes = null,
                        Path = "/etc/9.png",
                    },
                    Row(10)
                )
            );

        var entries = input.Entries();

        entries
            .Select(entry => entry.Fault?.Kind)
            .Should()
            .Equal(null, "no-label", "no-label", "no-label", "no-image", "missing-file", null, "twice", "no-image", "no-image", null);
        entries[6].Should().Match<SourceEntry>(entry => entry.Uri == "data/there/6.png" && entry.Container == null && entry.Fetch == null);
        entries[2].Fault!.Message.Should().Contain("train.parquet, row 2 has the label 2; it must be between 0 and 1");
        entries[8].Fault!.Message.Should().Contain("row 8 has the path '../8.png', which leads out by '..'");
    }

    [Fact]
    public void Paths_alone_name_files_beside_the_table()
    {
        using var input = new InputFolder()
            .With("1.png")
            .With("a.parquet", new ParquetInput { Compression = Compression.Snappy }.Write(Row(0) with { Bytes = null, Path = "1.png" }));

        var entry = input.Entries().Single();

        (entry.Uri, entry.Size, entry.Fault).Should().Be(("1.png", InputFolder.Png().Length, null));
    }

    [Fact]
    public void Columns_that_are_wrong_are_explained()
    {
        using var input = new InputFolder().With("a.parquet", new ParquetInput { ImageName = "photo" }.Write(Row(0)));
        var path = input.At("a.parquet");

        var faults = new IngestOptions[]
        {
            new(),
            new() { ImageColumn = "box" },
            new() { ImageColumn = "photo", LabelColumn = "class" },
            new() { ImageColumn = "photo", LabelColumn = "box" },
            new() { PathColumn = "photo" },
        }.Select(options => FluentActions.Invoking(() => input.Open(options)).Should().Throw<InputException>().Which.Message);

        faults
            .Should()
            .SatisfyRespectively(
                first =>
                    first
                        .Should()
                        .StartWith(
                            $"{path} has no column 'image' or 'img' or 'image_bytes'; the columns are photo, label, domain, width, box. Say which it is with imageColumn"
                        ),
                second => second.Should().StartWith($"{path} has a column 'box' that holds no images; it must be binary"),
                third => third.Should().StartWith($"{path} has no column 'class'"),
                fourth => fourth.Should().StartWith($"{path} has a column 'box' of bytes, lists or structs"),
                fifth => fifth.Should().StartWith($"ingest.pathColumn is 'photo', and {path} is a Parquet file")
            );
    }

    [Theory]
    [InlineData(
        """{"info":{"features":{"label":{"names":["cat","cat"],"_type":"ClassLabel"}}}}""",
        "*names the class 'cat' of column 'label' more than once*"
    )]
    [InlineData(
        """{"info":{"features":{"label":{"names":{"1":"cat","2":"dog"},"_type":"ClassLabel"}}}}""",
        "*no list of names, numbered from 0*"
    )]
    [InlineData("""{"info":{"features":{"label":{"names":["cat",3],"_type":"ClassLabel"}}}}""", "*no list of names*")]
    [InlineData("""{"info":{"features":{"label":{"names":[],"_type":"ClassLabel"}}}}""", "*no list of names*")]
    [InlineData("""{"info":""", "*has the metadata 'huggingface', which is no JSON*")]
    public void Metadata_that_is_wrong_is_explained(string metadata, string message)
    {
        using var input = new InputFolder().With("a.parquet", new ParquetInput { HuggingFace = metadata }.Write(Row(0)));

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage(message).WithMessage($"{input.At("a.parquet")} *");
    }

    [Fact]
    public void Files_with_other_classes_or_splits_are_explained()
    {
        using var input = new InputFolder()
            .With("a.parquet", new ParquetInput { HuggingFace = ParquetInput.CatAndDog }.Write(Row(0)))
            .With("b.parquet", new ParquetInput().Write(Row(0)));
        using var other = new InputFolder().With("a.parquet", new ParquetInput().Write(Row(0), Row(1) with { Split = "holdout" }, Row(2)));
        using var none = new InputFolder().With("a.parquet", new ParquetInput().Write(Row(0) with { Label = null }));

        var classes = () => input.Open();
        var split = () => other.Open();
        var empty = () => none.Open();

        classes
            .Should()
            .Throw<InputException>()
            .WithMessage("*b.parquet has no class names and *a.parquet has the classes cat, dog; all files must have the same*");
        split.Should().Throw<InputException>().WithMessage("*a.parquet, row 0 has the split ''; it must be train*");
        empty.Should().Throw<InputException>().WithMessage("*has no row with a label in its 1 Parquet files*");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(11)]
    [InlineData(-1)]
    [InlineData(-8)]
    [InlineData(-200)]
    public void File_that_is_cut_off_is_explained(int length)
    {
        var whole = new ParquetInput().Write(Row(0));
        using var input = new InputFolder().With("a.parquet", length < 0 ? whole[..^-length] : whole[..length]);

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage($"{input.At("a.parquet")} cannot be read as Parquet: *");
    }

    [Fact]
    public void Row_group_that_is_damaged_is_one_entry_and_the_next_is_read()
    {
        var file = new ParquetInput { GroupRows = 2, HuggingFace = ParquetInput.CatAndDog }.Write([.. Enumerable.Range(0, 6).Select(Row)]);
        using var whole = new InputFolder().With("a.parquet", file);
        var images = whole.Entries();
        var between = (int)(images[3].Offset + images[3].Size);
        file.AsSpan(between, 60).Fill(0xFF); // the paths of the second row group
        using var input = new InputFolder().With("a.parquet", file);

        var entries = input.Entries();

        entries.Select(entry => entry.Fault?.Kind).Should().Equal(null, null, "damaged", null, null);
        entries[2].Uri.Should().Be("a.parquet/000002");
        entries[2].Fault!.Message.Should().Contain("a.parquet, rows 2 to 3 cannot be read: ");
    }

    [Fact]
    public async Task Damaged_images_of_a_compressed_row_group_are_set_aside_and_the_next_ones_are_read()
    {
        var file = new ParquetInput { GroupRows = 2, Compression = Compression.Zstd }.Write([.. Enumerable.Range(0, 4).Select(Row)]);
        file.AsSpan(4, 30).Fill(0xFF); // the first image's page
        using var input = new InputFolder().With("a.parquet", file);
        var source = input.Open();

        var outcomes = new List<SampleOutcome>();
        foreach (var entry in source.Entries())
            outcomes.Add(await SampleReader.ReadAsync(source.Root, entry, embed: false, null));

        outcomes.Select(outcome => outcome.Rejected?.Kind).Should().Equal("damaged", "damaged", null, null);
    }

    [Theory]
    [InlineData(1L << 29, Compression.Zstd, true)]
    [InlineData((1L << 29) + 1, Compression.Zstd, false)]
    [InlineData((1L << 29) + 1, Compression.Uncompressed, true)]
    public void Row_group_has_at_most_512_MiB_of_compressed_images(long bytes, Compression compression, bool isRight)
    {
        using var input = new InputFolder().With(
            "a.parquet",
            new ParquetInput { Compression = compression, Bare = true }.Write(Row(0), Row(1))
        );
        input.With("a.parquet", Claim(File.ReadAllBytes(input.At("a.parquet")), RawBytes(input.At("a.parquet")), bytes));

        var open = () => input.Open();

        RawBytes(input.At("a.parquet")).Should().Be(bytes);
        if (isRight)
            open.Should().NotThrow();
        else
            open.Should()
                .Throw<InputException>()
                .WithMessage(
                    $"*has {bytes:N0} bytes of images in row group 0 (2 rows), compressed or with a dictionary; such a row group must have at most 536,870,912. Write the file again with smaller row groups*"
                );
    }

    [Fact]
    public void Change_of_a_file_changes_the_stamp()
    {
        using var input = new InputFolder().With("a.parquet", new ParquetInput().Write(Row(0)));
        var before = input.Open().Stamp(null);
        var same = input.Open().Stamp(null);
        input.With("a.parquet", new ParquetInput().Write(Row(0), Row(1)));

        var after = input.Open().Stamp(null);

        same.Should().Be(before);
        after.Should().NotBe(before);
    }

    [Fact]
    public async Task Exported_data_set_is_read_again()
    {
        using var run = new SmallRun();
        await DataSetExporter.WriteAsync(run.Request, new ExportOptions(), run.Store, TestContext.Current.CancellationToken);

        var source = IngestSource.Open(run.PathOf("augmented"), new());
        var entries = source.Entries().ToArray();
        var images = entries
            .Select(entry =>
                File.ReadAllBytes(Path.Combine(source.Root, entry.Container!)).AsSpan((int)entry.Offset, (int)entry.Size).ToArray()
            )
            .ToArray();

        source.ClassNames.Should().Equal("land \"bird\"", "water");
        entries.Should().HaveCount(13).And.OnlyContain(entry => entry.Fault == null && entry.Container != null);
        entries.Select(entry => entry.Split).Distinct().Should().Equal("train", "validation", "test_a");
        entries.Should().OnlyContain(entry => entry.Extra["input_label_name"] == entry.LabelName);
        for (var index = 0; index < entries.Length; index++)
            images[index].Should().Equal(Written(entries[index].Extra));
    }

    private static byte[] Written(IReadOnlyDictionary<string, string> extra)
    {
        var sample = Enumerable.Range(0, 2).SelectMany(batch => Enumerable.Range(0, 5).Select(row => (batch, row)));
        return extra.TryGetValue("input_variant_id", out var variant)
            ? sample.Where(at => SmallRun.Variant(at.batch, at.row) == variant).Select(at => SmallRun.Edited(at.batch, at.row)).Single()
            : sample
                .Where(at => SmallRun.Sample(at.batch, at.row) == extra["input_sample_id"])
                .Select(at => SmallRun.Original(at.batch, at.row))
                .Single();
    }

    /// <summary>Puts one number of the metadata in another's place, so that the file claims to hold more than it does.</summary>
    private static byte[] Claim(byte[] file, long from, long to)
    {
        var start = file.Length - 8 - BitConverter.ToInt32(file, file.Length - 8);
        var at = start + file.AsSpan(start).IndexOf(Number(from));
        byte[] metadata = [.. file[start..at], .. Number(to), .. file[(at + Number(from).Length)..^8]];
        return [.. file[..start], .. metadata, .. BitConverter.GetBytes(metadata.Length), .. "PAR1"u8];
    }

    /// <summary>A number as Thrift's compact protocol writes it.</summary>
    private static byte[] Number(long value)
    {
        var bytes = new List<byte>();
        for (var rest = (ulong)value * 2; rest > 0; rest >>= 7)
            bytes.Add((byte)(rest > 0x7F ? (rest & 0x7F) + 0x80 : rest));
        return [.. bytes];
    }

    private static long RawBytes(string path)
    {
        using var reader = new ParquetFileReader(path);
        using var group = reader.RowGroup(0);
        return group.MetaData.GetColumnChunkMetaData(0).TotalUncompressedSize;
    }

    private static ParquetRow Row(int row) =>
        new(InputFolder.Png(grey: (byte)row), $"there/{row}.png", row % 2)
        {
            Group = row % 3 == 0 ? null : $"g{row}",
            Score = row == 5 ? null : row + (row / 16.0) - 2,
            Box = row % 2 == 0 ? [] : [row, 0.5f],
        };

    private static async Task<List<byte[]?>> BytesAsync(IngestSource source, IEnumerable<SourceEntry> entries)
    {
        var images = new List<byte[]?>();
        foreach (var entry in entries)
            images.Add((await SampleReader.ReadAsync(source.Root, entry, embed: true, null)).Row?.Image);
        return images;
    }
}
