using Pipeline.Models;
using Pipeline.Models.Images;
using Pipeline.Models.Procedural;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Report;
using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Tests.Report;

public sealed class ContactSheetTests
{
    private static readonly string[] Prompts =
    [
        "a photo of a {} in a forest with falling snow and snowy ground",
        "a photo of a {} in thick fog",
        "a photo of a {} at night",
        "a photo of a {} in heavy rain, seen through wet foliage in front of the camera",
        "a photo of a {} at dusk",
        "a photo of a {} on dry brown ground",
    ];

    private static readonly string[] Verdicts = ["keep", "keep", "too_easy", "mislabelled", "keep", ""];

    [Theory]
    [InlineData("keep", 22, 140, 72)]
    [InlineData("too_easy", 212, 136, 6)]
    [InlineData("mislabelled", 196, 38, 46)]
    [InlineData("", 128, 132, 140)]
    public void Frame_has_the_colour_of_the_verdict(string verdict, byte red, byte green, byte blue)
    {
        var grey = new RgbImage(4, 3, [.. Enumerable.Repeat((byte)90, 36)]);

        var sheet = ContactSheet.Draw("run", "", [new SheetSource("bird", grey, [new SheetEdit("in snow", verdict, 0.5f, grey)])]);

        At(sheet, 246, 101).Should().Be((red, green, blue));
        At(sheet, 246 + 100, 101 + 100).Should().Be(((byte)90, (byte)90, (byte)90));
    }

    [Fact]
    public void Counts_are_told_in_the_words_of_the_legend()
    {
        var all = new FunnelRow("all", 1203, 1200, 1, 2, null);

        var counts = ContactSheet.Counts(1, all);

        counts.Should().Be("1 originals, 1,203 edits: 2 kept, 1,200 too easy, 1 mislabelled");
    }

    [Fact]
    public void Sheet_without_edits_is_still_a_picture()
    {
        var sheet = ContactSheet.Draw("run", "0 edits", []);

        sheet.Pixels.Should().HaveCount(sheet.Width * sheet.Height * 3);
        sheet.Pixels.Should().Contain(28, "the title is drawn");
    }

    /// <summary>With PIPELINE_SHEET_FOLDER set to a folder, the sheet stays there to be looked at.</summary>
    [Fact]
    public async Task Sheet_of_photographs_is_written_and_equal_on_every_run()
    {
        var root = Directory.CreateTempSubdirectory("pipeline-report-").FullName;
        var store = new FolderStore(Environment.GetEnvironmentVariable("PIPELINE_SHEET_FOLDER") ?? root);
        var sources = await PhotographsAsync();

        await ContactSheet.WriteAsync(
            store,
            "run stampbirds",
            "7 originals, 42 edits: 21 kept",
            sources,
            TestContext.Current.CancellationToken
        );
        var first = await store.ReadAllAsync(ContactSheet.Uri, TestContext.Current.CancellationToken);
        await ContactSheet.WriteAsync(
            store,
            "run stampbirds",
            "7 originals, 42 edits: 21 kept",
            sources,
            TestContext.Current.CancellationToken
        );

        var second = await store.ReadAllAsync(ContactSheet.Uri, TestContext.Current.CancellationToken);
        second.Should().Equal(first);
        var header = ImageHeader.Read(first);
        header.Width.Should().Be(14 + (7 * 216) + 14);
        header.Height.Should().BeGreaterThan(7 * 202);
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void Original_that_is_gone_leaves_its_place_empty()
    {
        var grey = new RgbImage(4, 3, [.. Enumerable.Repeat((byte)90, 36)]);

        var sheet = ContactSheet.Draw("run", "", [new SheetSource("bird", null, [new SheetEdit("in snow", "keep", 0.5f, grey)])]);

        At(sheet, 14 + 101, 101 + 100).Should().Be(((byte)232, (byte)233, (byte)235));
    }

    private static (byte Red, byte Green, byte Blue) At(RgbImage image, int x, int y)
    {
        var at = ((y * image.Width) + x) * 3;
        return (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }

    private static async Task<List<SheetSource>> PhotographsAsync()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "tests", "Fixtures", "stampbirds")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("tests/Fixtures/stampbirds is not above the tests' output.");
        var sources = new List<SheetSource>();
        var files = Directory.GetFiles(Path.Combine(folder.FullName, "tests", "Fixtures", "stampbirds"), "*.jpg");
        foreach (var path in files.Order(StringComparer.Ordinal))
        {
            var picture = ImageDecoder.Decode(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
            var name = Path.GetFileName(path).Split('-')[0];
            var prompts = Prompts.Select(prompt => prompt.Replace("{}", name, StringComparison.Ordinal)).ToArray();
            var requests = prompts.Select((prompt, index) => new EditRequest(picture, prompt, 0.8, (ulong)index)).ToArray();
            var edits = await new ProceduralEditor().EditAsync(requests, TestContext.Current.CancellationToken);
            sources.Add(
                new SheetSource(
                    name,
                    picture,
                    [
                        .. edits.Select(
                            (edit, index) =>
                                new SheetEdit(
                                    prompts[index],
                                    Verdicts[index],
                                    Verdicts[index].Length == 0 ? null : 0.31f + (index * 0.1f),
                                    edit
                                )
                        ),
                    ]
                )
            );
        }

        return sources;
    }
}
