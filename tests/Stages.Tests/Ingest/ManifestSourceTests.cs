using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class ManifestSourceTests
{
    [Fact]
    public void Rows_become_entries_in_their_order()
    {
        using var input = new InputFolder()
            .With("i/1.png")
            .With("2.png")
            .WithTable(
                "note,file,split,label,domain",
                "\"two\nlines, \"\"said\"\"\",i/1.png,val,dog,snow",
                "",
                "plain,./2.png,test_b,cat,",
                "gone,3.png,Train,dog,grass"
            );

        var source = input.Open();
        var entries = source.Entries().ToArray();

        source.Format.Should().Be("csv");
        source.ClassNames.Should().Equal("cat", "dog");
        entries
            .Select(entry => $"{entry.LineOrNull} {entry.Uri} {entry.Label} {entry.LabelName} {entry.Split} {entry.Group}")
            .Should()
            .Equal("2 i/1.png 1 dog validation snow", "5 2.png 0 cat test_b ", "6 3.png 1 dog train grass");
        entries[0].Extra.Should().Equal(new Dictionary<string, string> { ["note"] = "two\nlines, \"said\"" });
        entries[0].Size.Should().Be(InputFolder.Png().Length);
        entries.Select(entry => entry.Fault?.Kind).Should().Equal(null, null, "missing-file");
    }

    [Fact]
    public void Whole_numbers_are_sorted_as_numbers()
    {
        using var input = new InputFolder().WithTable("path,class", "1.png,10", "2.png,9", "3.png,-1", "4.png,09");

        var source = input.Open();

        source.ClassNames.Should().Equal("-1", "09", "9", "10");
        source.Entries().Select(entry => $"{entry.Label} {entry.Split}").Should().Equal("3 train", "2 train", "0 train", "1 train");
    }

    [Fact]
    public void One_name_among_numbers_makes_all_names()
    {
        using var input = new InputFolder().WithTable("path,class", "1.png,10", "2.png,9", "3.png,x");

        var names = input.Open().ClassNames;

        names.Should().Equal("10", "9", "x");
    }

    [Fact]
    public void Columns_can_be_named_and_tabs_part_a_tsv()
    {
        using var input = new InputFolder().With("list.tsv", "where\tkind\tpart\tpath\n1.png\ta,b\tdev\tx\n"u8.ToArray());
        var options = new IngestOptions
        {
            PathColumn = "where",
            LabelColumn = "kind",
            SplitColumn = "part",
        };

        var entry = IngestSource.Open(input.At("list.tsv"), options).Entries().Single();

        (entry.Uri, entry.LabelName, entry.Split, entry.Extra["path"]).Should().Be(("1.png", "a,b", "validation", "x"));
    }

    [Fact]
    public void Point_in_a_further_column_is_an_underscore()
    {
        using var input = new InputFolder().With("1.png").WithTable("file,label,box,box.x", "1.png,a,3,4");

        var entry = input.Entries().Single();

        entry.Extra.Should().Equal(new Dictionary<string, string> { ["box"] = "3", ["box_x"] = "4" });
    }

    [Theory]
    [InlineData(
        "file,kind",
        "1.png,a",
        "*line 1 has no column 'label' or 'class'; the columns are file, kind. Say which it is with labelColumn*"
    )]
    [InlineData(
        "file,path,label",
        "1.png,1.png,a",
        "*line 1 has the columns 'path' and 'file', of which one is wanted. Say which with pathColumn*"
    )]
    [InlineData("file,label,label", "1.png,a,a", "*line 1 names column 'label' 2 times*")]
    [InlineData("file,label,", "1.png,a,a", "*line 1 has no name for column 3*")]
    [InlineData("file,label,width", "1.png,a,3", "*line 1 has a column 'width', which is the name of one that the pipeline writes*")]
    [InlineData(
        "file,label,variant_id",
        "1.png,a,3",
        "*line 1 has a column 'variant_id', which is the name of one that the pipeline writes*"
    )]
    [InlineData("file,label", "1.png,", "*line 2 has an empty label*")]
    [InlineData("file,label", ",a", "*line 2 has no path*")]
    [InlineData("file,label", "a/../../1.png,a", "*line 2 has the path 'a/../../1.png', which leads out by '..'*")]
    [InlineData("file,label", "/etc/1.png,a", "*line 2 has the absolute path '/etc/1.png'*")]
    [InlineData("file,label", "C:\\1.png,a", "*line 2 has the absolute path*")]
    [InlineData("file,label,split", "1.png,a,holdout", "*line 2 has the split 'holdout'; it must be train, val*")]
    [InlineData("file,label", "1.png,a,b", "*line 2 has 3 fields; it must have 2*")]
    [InlineData("file,label", "1.png,\"a", "*line 2 has broken quotes*")]
    [InlineData("file,label", "1.png,a\n./1.png,b", "*line 3 has the path '1.png', which line 2 has too*")]
    public void Faults_of_the_table_name_file_and_line(string header, string rows, string message)
    {
        using var input = new InputFolder().WithTable(header, rows);

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage(message).WithMessage($"{input.At("metadata.csv")}, line *");
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_explained()
    {
        using var input = new InputFolder().With("metadata.csv", [.. "file,label\n1.png,a"u8, 0xE9, (byte)'\n']);

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage("*line 2 has bytes in field 2 that are not UTF-8*");
    }

    [Theory]
    [InlineData("", "*is empty; it must have a header*")]
    [InlineData("file,label\n", "*has a header and no rows*")]
    public void Table_without_rows_is_explained(string text, string message)
    {
        using var input = new InputFolder().With("metadata.csv", System.Text.Encoding.UTF8.GetBytes(text));

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage(message);
    }

    [Fact]
    public void Mark_of_the_byte_order_is_no_part_of_the_first_name()
    {
        using var input = new InputFolder().With("metadata.csv", [0xEF, 0xBB, 0xBF, .. "file,label\n1.png,a\n"u8]);

        var entry = input.Entries().Single();

        (entry.Uri, entry.LabelName).Should().Be(("1.png", "a"));
    }

    [Fact]
    public void Named_column_that_is_missing_is_explained()
    {
        using var input = new InputFolder().WithTable("file,label", "1.png,a");

        var open = () => input.Open(new() { GroupColumn = "place" });

        open.Should().Throw<InputException>().WithMessage("*no column 'place'; the columns are file, label.*groupColumn*");
    }

    [Fact]
    public void Two_tables_in_one_folder_are_explained()
    {
        using var input = new InputFolder()
            .WithTable("file,label", "1.png,a")
            .With("metadata.jsonl", """{"file":"1.png","label":"b"}"""u8.ToArray());

        var open = () => input.Open();

        open.Should()
            .Throw<InputException>()
            .WithMessage("*several formats: csv (1, such as metadata.csv), jsonl (1, such as metadata.jsonl)*");
        input.Open(new() { Format = SourceFormat.Jsonl }).ClassNames.Should().Equal("b");
    }

    [Fact]
    public void Column_of_Parquet_files_is_refused_for_a_table_of_paths()
    {
        using var input = new InputFolder().WithTable("file,label", "1.png,a");

        var open = () => input.Open(new() { ImageColumn = "file" });

        open.Should()
            .Throw<InputException>()
            .WithMessage("ingest.imageColumn is 'file', and *metadata.csv is a table of paths*pathColumn*");
    }

    [Fact]
    public void Format_decides_between_table_and_folders()
    {
        using var input = new InputFolder().With("a/1.png").WithTable("file,label", "a/1.png,x");

        var names = new[] { SourceFormat.Auto, SourceFormat.Csv, SourceFormat.ImageFolder }.Select(format =>
            input.Open(new() { Format = format }).ClassNames.Single()
        );

        names.Should().Equal("x", "x", "a");
    }

    [Fact]
    public void Format_that_does_not_fit_the_input_is_explained()
    {
        using var input = new InputFolder().With("a/1.png").With("list.txt");

        var csv = () => input.Open(new() { Format = SourceFormat.Csv });
        var folder = () => IngestSource.Open(input.At("list.txt"), new() { Format = SourceFormat.ImageFolder });
        var other = () => IngestSource.Open(input.At("list.txt"), new());

        csv.Should().Throw<InputException>().WithMessage("*has no file of the format csv directly inside*");
        folder.Should().Throw<InputException>().WithMessage("*is a file; with format imagefolder it must be a folder*");
        other.Should().Throw<InputException>().WithMessage("*extension '.txt'*");
    }
}
