using Pipeline.Sdk;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Ingest.Tar;

namespace Pipeline.Stages.Tests.Ingest.Tar;

public sealed class WebDatasetSourceTests
{
    [Fact]
    public void Files_of_one_key_are_a_sample_by_tar_and_position()
    {
        using var input = new InputFolder()
            .With("b.tar", new TarBytes().With("z/", type: '5').Sample("./z//2", "dog").Sample("z/1", "cat").Whole())
            .With(
                "a.tar",
                new TarBytes()
                    .With("9.txt", " a cat\n")
                    .With("9.json", """{"caption":"sat","url":"u","n":1.50,"yes":true,"no":null,"list":[1],"group":"g","split":"val"}""")
                    .With("9.JPEG", InputFolder.Png())
                    .With("9.cls", "cat\n")
                    .Whole()
            );

        var source = input.Open();
        var entries = source.Entries().ToArray();

        source.Format.Should().Be("webdataset");
        source.Root.Should().Be(input.Path);
        source.ClassNames.Should().Equal("cat", "dog");
        entries
            .Select(entry => $"{entry.Uri} {entry.Container} {entry.Label} {entry.LabelName} {entry.Split} {entry.Group}")
            .Should()
            .Equal("a.tar/9.JPEG a.tar 0 cat validation g", "b.tar/z/2.png b.tar 1 dog train ", "b.tar/z/1.png b.tar 0 cat train ");
        entries[0]
            .Extra.Should()
            .Equal(
                new Dictionary<string, string>
                {
                    ["caption"] = "sat",
                    ["url"] = "u",
                    ["n"] = "1.50",
                    ["yes"] = "true",
                    ["text"] = "a cat",
                }
            );
    }

    [Theory]
    [InlineData("x.tar")]
    [InlineData("x.tar.gz")]
    [InlineData("x.tgz")]
    public async Task Image_is_read_from_its_place(string name)
    {
        using var input = new InputFolder();
        var tar = new TarBytes().Sample("0", grey: 3).Sample("1", grey: 4).Whole();
        input.With(name, name == "x.tar" ? tar : TarBytes.Packed(tar));

        var source = IngestSource.Open(input.At(name), new());
        var rows = new List<IngestRow>();
        foreach (var entry in source.Entries())
            rows.Add((await SampleReader.ReadAsync(source.Root, entry, embed: false, null)).Row!);

        rows.Select(row => row.Uri).Should().Equal($"{name}/0.png", $"{name}/1.png");
        rows.Select(row => row.SampleId)
            .Should()
            .Equal(
                SampleReader.SampleId(InputFolder.Png(grey: 3), $"{name}/0.png"),
                SampleReader.SampleId(InputFolder.Png(grey: 4), $"{name}/1.png")
            );
        rows.Select(row => row.Image is not null).Should().AllBeEquivalentTo(name != "x.tar");
        rows.Select(row => SampleBytes.Read(input.Path, row.Uri, row.Container, row.Offset, row.Length, row.Image))
            .Should()
            .BeEquivalentTo([InputFolder.Png(grey: 3), InputFolder.Png(grey: 4)], options => options.WithStrictOrdering());
    }

    [Theory]
    [InlineData("""{"label":"dog","class":1}""", null, "dog")]
    [InlineData("""{"class":7,"class_name":"cat"}""", null, "7")]
    [InlineData("""{"class_name":"cat"}""", null, "cat")]
    [InlineData("""{"label":"dog","kind":"x"}""", "kind", "x")]
    public void Label_of_the_json(string json, string? column, string label)
    {
        using var input = new InputFolder().With("x.tar", new TarBytes().Sample("0", null).With("0.json", json).Whole());

        var names = input.Open(new() { LabelColumn = column }).ClassNames;

        names.Should().Equal(label);
    }

    [Fact]
    public void Cls_is_the_label_before_the_json_unless_a_field_is_set()
    {
        using var input = new InputFolder().With("x.tar", new TarBytes().Sample("0", "c").With("0.json", """{"label":"j"}""").Whole());

        var labels = new[] { null, "cls", "label" }.Select(column => input.Open(new() { LabelColumn = column }).Entries().Single());

        labels.Select(entry => entry.LabelName).Should().Equal("c", "c", "j");
        labels.First().Extra.Should().Equal(new Dictionary<string, string> { ["json_label"] = "j" });
    }

    [Theory]
    [InlineData("train-000.tar", "train")]
    [InlineData("val_000.tar", "validation")]
    [InlineData("Test-0-of-3.tar", "test")]
    [InlineData("test7.tar", "test")]
    [InlineData("test_seen-0.tar.gz", "test_seen")]
    [InlineData("dev.tgz", "validation")]
    [InlineData("testing-0.tar", "test_b")]
    [InlineData("000.tar", "test_b")]
    public void Split_is_the_tars_else_the_jsons(string name, string split)
    {
        var tar = new TarBytes().Sample("0").With("0.json", """{"split":"test_b"}""").Whole();
        using var input = new InputFolder().With(name, tar);

        var entry = input.Open().Entries().Single();

        entry.Split.Should().Be(split);
    }

    [Fact]
    public void Split_column_that_is_set_comes_before_the_tars_name()
    {
        var tar = new TarBytes().Sample("0").With("0.json", """{"part":"dev"}""").Sample("1").Whole();
        using var input = new InputFolder().With("test-0.tar", tar);

        var splits = input.Open(new() { SplitColumn = "part" }).Entries().Select(entry => entry.Split);

        splits.Should().Equal("validation", "test");
    }

    [Fact]
    public void Numbers_are_ordered_as_numbers_or_named_by_a_file_beside_the_tars()
    {
        using var input = new InputFolder().With("x.tar", new TarBytes().Sample("0", "10").Sample("1", "2").Whole());
        var plain = input.Open();
        input.With(
            "classes.txt",
            System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", Enumerable.Range(0, 11).Select(at => $"c{at}")) + "\n\n")
        );

        var named = input.Open();

        plain.ClassNames.Should().Equal("2", "10");
        plain.Entries().Select(entry => entry.Label).Should().Equal(1, 0);
        named.ClassNames.Should().HaveCount(11);
        named.Entries().Select(entry => (entry.Label, entry.LabelName)).Should().Equal((10, "c10"), (2, "c2"));
        named.Stamp(null).Should().NotBe(plain.Stamp(null));
    }

    [Theory]
    [InlineData("a\nb", "*has 2 classes, numbers 0 to 1, and a sample has the class 2;*")]
    [InlineData("a\n\nb", "*has nothing in line 2;*")]
    [InlineData("a\nb\na", "*has the class 'a' twice;*")]
    public void File_of_class_names_that_does_not_fit_is_explained(string text, string message)
    {
        using var input = new InputFolder()
            .With("x.tar", new TarBytes().Sample("0", "2").Whole())
            .With("classnames.txt", System.Text.Encoding.UTF8.GetBytes(text));

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage(message).WithMessage("*classnames.txt*");
    }

    [Fact]
    public void Names_are_no_numbers_of_a_file_beside_the_tars()
    {
        using var input = new InputFolder().With("x.tar", new TarBytes().Sample("0", "cat").Whole()).With("classes.txt", "dog"u8.ToArray());

        var names = input.Open().ClassNames;

        names.Should().Equal("cat");
    }

    [Fact]
    public void Several_tars_are_named_by_braces()
    {
        using var input = new InputFolder();
        foreach (var name in new[] { "train-08", "train-09", "train-10", "train-11", "val-9" })
            input.With($"in/{name}.tar", new TarBytes().Sample(name).Whole());

        var source = IngestSource.Open(input.At("in/train-{09..10}.tar"), new());

        source.Root.Should().Be(input.At("in"));
        source.Entries().Select(entry => entry.Uri).Should().Equal("train-09.tar/train-09.png", "train-10.tar/train-10.png");
    }

    [Fact]
    public void Braces_may_stand_in_a_folder()
    {
        using var input = new InputFolder();
        foreach (var name in new[] { "one", "two" })
            input.With($"{name}/x.tar", new TarBytes().Sample("0").Whole());

        var source = IngestSource.Open(input.At("{one,two}/x.tar"), new());

        source.Root.Should().Be(input.Path);
        source.Entries().Select(entry => entry.Uri).Should().Equal("one/x.tar/0.png", "two/x.tar/0.png");
    }

    [Fact]
    public void Tars_that_are_missing_are_all_listed()
    {
        using var input = new InputFolder().With("1.tar", new TarBytes().Sample("0").Whole());

        var open = () => IngestSource.Open(input.At("{0..3}.tar"), new());

        open.Should()
            .Throw<InputException>()
            .WithMessage("3 of the 4 tars of the input *{0..3}.tar are not there: 0.tar, 2.tar, 3.tar; all must be.*");
    }

    [Fact]
    public void Folder_that_img2dataset_wrote_is_one_of_tars()
    {
        var json = """{"url":"https://x","caption":"a dog","width":3,"height":2,"status":"success","key":"000000000","exif":"{}"}""";
        using var input = new InputFolder()
            .With("00000.tar", new TarBytes().Sample("000000000", null).With("000000000.json", json).With("000000000.txt", "a dog").Whole())
            .With("00000.parquet", [1])
            .With("00000_stats.json", "{}"u8.ToArray());

        var source = input.Open(new() { LabelColumn = "caption" });
        var open = () => input.Open();

        source.Format.Should().Be("webdataset");
        source.ClassNames.Should().Equal("a dog");
        source.Entries().Single().Extra.Keys.Should().Equal("url", "json_width", "json_height", "status", "key", "exif", "text");
        open.Should()
            .Throw<InputException>()
            .WithMessage("*no sample with an image and a class: 00000.tar/000000000.png: * has no class; *labelColumn=caption.");
    }

    [Fact]
    public void Companions_are_those_of_a_tar_alone()
    {
        var names = TarNames.WithoutCompanions(["0.parquet", "0.tar", "0_stats.json", "1.parquet", "1_stats.json", "2.csv", "2.tar"]);

        names.Should().Equal("0.tar", "1.parquet", "1_stats.json", "2.csv", "2.tar");
    }

    [Fact]
    public void Tars_and_a_table_are_of_two_formats()
    {
        using var input = new InputFolder().With("x.tar", new TarBytes().Sample("0").Whole()).WithTable("file,label", "1.png,a");

        var open = () => input.Open();
        var set = input.Open(new() { Format = SourceFormat.WebDataset });

        open.Should()
            .Throw<InputException>()
            .WithMessage("*files of several formats: csv (1, such as metadata.csv), webdataset (1, such as x.tar)*");
        set.ClassNames.Should().Equal("a");
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void Fields_of_the_json_have_a_limit(int most, bool isRight)
    {
        var tar = new TarBytes().Sample("0").With("0.json", """{"x":1,"y":1}""").Sample("1").With("1.json", """{"y":1,"z":1}""").Whole();
        using var input = new InputFolder().With("x.tar", tar);

        var open = () => new WebDatasetSource(input.Path, [input.At("x.tar")], new(), new() { Columns = most });

        if (isRight)
            open.Should().NotThrow();
        else
            open.Should().Throw<InputException>().WithMessage("*more than 2 different fields, up to 'x.tar/1.png'*");
    }

    [Fact]
    public void Path_column_is_refused()
    {
        using var input = new InputFolder().With("x.tar", new TarBytes().Sample("0").Whole());

        var open = () => input.Open(new() { PathColumn = "file" });

        open.Should().Throw<InputException>().WithMessage("ingest.pathColumn is 'file'*Leave it out.");
    }

    [Fact]
    public void Members_set_aside_have_uris_of_their_own()
    {
        var tar = new TarBytes().Sample("0").With("0.cls", "b").With("0.cls", "c").With("/x", "").With("/x", "").Sample("1");
        using var input = new InputFolder().With("x.tar", tar.Whole());

        var uris = input.Open().Entries().Select(entry => entry.Uri).ToList();

        uris.Should().OnlyHaveUniqueItems().And.HaveCount(6);
        uris.Should().Contain("x.tar/0.cls@2560").And.Contain("x.tar/0.png");
    }

    [Fact]
    public void Shares_divide_tars_too()
    {
        var tar = new TarBytes();
        for (var at = 0; at < 20; at++)
            tar.Sample($"{at}");
        using var input = new InputFolder().With("0.tar", tar.Whole());

        var splits = input.Open(new() { TestShare = 0.25 }).Entries().CountBy(entry => entry.Split);

        splits.Should().BeEquivalentTo(new Dictionary<string, int> { ["train"] = 15, ["test"] = 5 });
    }
}
