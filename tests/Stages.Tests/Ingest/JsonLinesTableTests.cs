using System.Text;
using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class JsonLinesTableTests
{
    [Fact]
    public void Objects_become_entries_in_their_order()
    {
        using var input = new InputFolder()
            .With("i/1.png")
            .With(
                "metadata.jsonl",
                [
                    0xEF,
                    0xBB,
                    0xBF,
                    .. Encoding.UTF8.GetBytes(
                        """
                        {"file_name": "i/1.png", "label": "dog", "split": "val", "domain": "snow", "size": 1.50, "seen": true, "by": null}

                        {"label": "c\u00e4t", "file_name": "./2.png", "split": "test_b", "more": "two\nlines"}
                        """
                    ),
                ]
            );

        var source = input.Open();
        var entries = source.Entries().ToArray();

        source.Format.Should().Be("jsonl");
        source.ClassNames.Should().Equal("cät", "dog");
        entries
            .Select(entry => $"{entry.LineOrNull} {entry.Uri} {entry.Label} {entry.LabelName} {entry.Split} {entry.Group}")
            .Should()
            .Equal("1 i/1.png 1 dog validation snow", "3 2.png 0 cät test_b ");
        entries[0].Extra.Should().Equal(new Dictionary<string, string> { ["size"] = "1.50", ["seen"] = "true" });
        entries[1].Extra.Should().Equal(new Dictionary<string, string> { ["more"] = "two\nlines" });
        entries.Select(entry => entry.Fault?.Kind).Should().Equal(null, "missing-file");
    }

    [Fact]
    public void Equal_tables_of_all_forms_give_equal_entries()
    {
        using var input = new InputFolder()
            .With("1.png")
            .With("a.csv", "image,class,split,group,x\n1.png,7,dev,g,1\n"u8.ToArray())
            .With("a.tsv", "image\tclass\tsplit\tgroup\tx\n1.png\t7\tdev\tg\t1\n"u8.ToArray())
            .With("a.ndjson", """{"image":"1.png","class":7,"split":"dev","group":"g","x":1}"""u8.ToArray());

        var entries = new[] { "a.csv", "a.tsv", "a.ndjson" }
            .Select(name => IngestSource.Open(input.At(name), new()).Entries().Single() with { LineOrNull = 0 })
            .ToArray();

        entries[1].Should().BeEquivalentTo(entries[0]);
        entries[2].Should().BeEquivalentTo(entries[0]);
    }

    [Theory]
    [InlineData("""{"file":"1.png"}""", "line 1 has no column 'label' or 'class'; the columns are file.*labelColumn*")]
    [InlineData("""{"file":"1.png","label":"a","width":3}""", "line 1 has a column 'width', which is the name of one that ingest writes*")]
    [InlineData("""{"file":"1.png","label":"a"}{}""", "line 1 is no whole JSON object: it breaks at byte 28*")]
    [InlineData("""["1.png","a"]""", "line 1 is no JSON object; it must be one JSON object such as*")]
    public void Faults_of_the_first_line_name_it(string text, string message)
    {
        using var input = new InputFolder().With("metadata.jsonl", Encoding.UTF8.GetBytes(text));

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage($"{input.At("metadata.jsonl")}, {message}");
    }

    [Theory]
    [InlineData("""{"file":"2.png","split":"train"}""", "has an empty label*")]
    [InlineData("""{"file":"2.png","split":"train","label":null}""", "has an empty label*")]
    [InlineData("""{"label":"a","split":"train"}""", "has no path that a file can have*")]
    [InlineData("""{"file":"../2.png","label":"a"}""", "has the path '../2.png', which leads out*")]
    [InlineData("""{"file":"1.png","label":"a","split":"train"}""", "has the path '1.png', which line 1 has too*")]
    [InlineData("""{"file":"2.png","label":"a"}""", "has the split ''; it must be train*")]
    [InlineData(
        """{"file":"2.png","label":"a","split":"train","uri":"x"}""",
        "has a column 'uri', which is the name of one that ingest writes*"
    )]
    [InlineData("""{"file":"2.png","label":["a"]}""", "has an object or a list in column 'label'*")]
    [InlineData("""{"file":"2.png","file":"3.png","label":"a"}""", "names column 'file' 2 times*")]
    [InlineData("""{"file":"2.png","label":"\ud800"}""", "has text that is not UTF-8*")]
    [InlineData("""{"file":"2.png","la""", "is no whole JSON object: it breaks at byte 19; *if it is the last, the file was cut off*")]
    [InlineData("""{"file":"2.png","label":nul}""", "is no whole JSON object: it breaks at byte *")]
    public void Faults_of_a_later_line_name_it(string text, string message)
    {
        using var input = new InputFolder().With(
            "metadata.jsonl",
            Encoding.UTF8.GetBytes("{\"file\":\"1.png\",\"label\":\"a\",\"split\":\"train\"}\r\n\r\n" + text)
        );

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage($"{input.At("metadata.jsonl")}, line 3 {message}");
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_explained()
    {
        using var input = new InputFolder().With("metadata.jsonl", [.. "{\"file\":\"1.png\",\"label\":\"a"u8, 0xE9, .. "\"}"u8]);

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage("*line 1 has text that is not UTF-8*");
    }

    [Fact]
    public void Table_without_rows_is_explained()
    {
        using var input = new InputFolder().With("metadata.jsonl", "\n \r\n"u8.ToArray());

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage("*is empty; it must have one JSON object a line*");
    }

    [Theory]
    [InlineData(1 << 24, true)]
    [InlineData((1 << 24) + 1, false)]
    public void Line_has_at_most_16_mebibytes(int bytes, bool isRight)
    {
        var line = new byte[bytes];
        Array.Fill(line, (byte)' ');
        "{\"file\":\"2.png\",\"label\":\"b\"}"u8.CopyTo(line);
        using var input = new InputFolder().With("metadata.jsonl", [.. "{\"file\":\"1.png\",\"label\":\"a\"}\n"u8, .. line, (byte)'\n']);

        var open = () => input.Open();

        if (isRight)
            open.Should().NotThrow().Which.ClassNames.Should().Equal("a", "b");
        else
            open.Should().Throw<InputException>().WithMessage("*line 2 has more than 16,777,216 bytes*");
    }
}
