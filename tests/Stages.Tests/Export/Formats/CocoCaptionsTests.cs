using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Pipeline.Stages.Export;
using Pipeline.Stages.Export.Formats;

namespace Pipeline.Stages.Tests.Export.Formats;

/// <summary>Form: cocodataset.org/#format-data, "Data format" and "Image Captioning".</summary>
public sealed class CocoCaptionsTests : IDisposable
{
    private static readonly string[] Splits = ["train", "validation", "test_far away"];
    private readonly FinishedRun run = new();

    private string Output => run.PathOf("coco");

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task Python_reads_images_and_captions_that_belong_together()
    {
        await WriteAsync(new ExportOptions());

        var read = (
            await Python.JsonAsync(
                """
                import glob, hashlib, json, sys
                found = []
                for path in glob.glob(sys.argv[1] + '/annotations/captions_*.json'):
                    split = path.split('captions_')[1][:-5]
                    with open(path, encoding='utf-8') as file:
                        data = json.load(file)
                    captions = {annotation['image_id']: annotation['caption'] for annotation in data['annotations']}
                    for image in data['images']:
                        with open(sys.argv[1] + '/images/' + image['file_name'], 'rb') as file:
                            digest = hashlib.sha256(file.read()).hexdigest()
                        found.append([image['file_name'].split('.')[0], split, image['label'], captions.get(image['id']), digest])
                print(json.dumps(found))
                """,
                Output
            )
        ).AsArray();

        read.Select(row => row!.ToJsonString())
            .Should()
            .BeEquivalentTo(
                run.Rows.Select(row =>
                    new JsonArray(
                        row.Id,
                        row.Split,
                        row.Label,
                        row.Text,
                        Convert.ToHexStringLower(SHA256.HashData(row.Image))
                    ).ToJsonString()
                )
            );
    }

    [Fact]
    public async Task File_of_each_split_has_the_parts_of_the_form_and_ids_that_are_there_once()
    {
        await WriteAsync(new ExportOptions());

        var files = Splits
            .Select(split => JsonNode.Parse(File.ReadAllText(Path.Combine(Output, "annotations", $"captions_{split}.json")))!)
            .ToList();
        foreach (var file in files)
        {
            file.AsObject().Select(part => part.Key).Should().Equal("info", "licenses", "images", "annotations");
            file["info"]!
                .AsObject()
                .Select(part => part.Key)
                .Should()
                .BeEquivalentTo("year", "version", "description", "contributor", "url", "date_created");
            file["licenses"]!.AsArray().Should().ContainSingle().Which!["id"]!.GetValue<int>().Should().Be(1);
            file["images"]!
                .AsArray()
                .Should()
                .OnlyContain(image => (int)image!["width"]! == 10 && (int)image["height"]! == 6 && (int)image["license"]! == 1);
        }

        var images = files.SelectMany(file => file["images"]!.AsArray()).Select(image => (int)image!["id"]!).ToList();
        images.Should().Equal(Enumerable.Range(1, run.Rows.Count));
        var annotations = files.SelectMany(file => file["annotations"]!.AsArray()).ToList();
        annotations.Select(annotation => (int)annotation!["id"]!).Should().Equal(Enumerable.Range(1, run.Rows.Count - 1));
        annotations.Select(annotation => (int)annotation!["image_id"]!).Should().BeSubsetOf(images);
    }

    [Theory]
    [InlineData(null, "not stated", "")]
    [InlineData("CC-BY-4.0", "CC-BY-4.0", "https://spdx.org/licenses/CC-BY-4.0")]
    public async Task Licence_is_the_one_that_was_stated(string? license, string name, string url)
    {
        await WriteAsync(new ExportOptions { License = license });

        var file = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Output, "annotations", "captions_train.json")))!;
        ((string?)file["licenses"]![0]!["name"]).Should().Be(name);
        ((string?)file["licenses"]![0]!["url"]).Should().Be(url);
    }

    private async Task WriteAsync(ExportOptions options)
    {
        await run.ExportAsync(options);
        await FormatExport.WriteAsync(
            run.Store,
            new FormatRequest { Format = ExportFormat.CocoCaptions, Output = Output },
            TestContext.Current.CancellationToken
        );
    }
}
