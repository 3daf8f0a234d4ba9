using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ParquetSharp;
using Pipeline.Shards;
using Pipeline.Stages.Export;
using YamlDotNet.Serialization;

namespace Pipeline.Stages.Tests.Export.Card;

public sealed partial class DatasetCardTests : IDisposable
{
    // github.com/huggingface/hub-docs, datasetcard.md: the keys of a dataset card.
    private static readonly string[] Documented =
    [
        "language",
        "license",
        "license_name",
        "license_link",
        "tags",
        "annotations_creators",
        "pretty_name",
        "size_categories",
        "source_datasets",
        "task_categories",
        "task_ids",
        "configs",
        "dataset_info",
    ];

    private readonly CardRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task Header_has_documented_keys_alone_and_a_valid_size_and_task()
    {
        var (card, _) = await run.ExportAsync();

        var header = Header(card);
        header
            .Keys.Should()
            .BeSubsetOf(Documented)
            .And.Contain(["license", "task_categories", "size_categories", "configs", "dataset_info"]);
        header["license"].Should().Be("unknown");
        List(header["task_categories"]).Should().Equal("image-classification");
        List(header["size_categories"]).Should().Equal("n<1K");
        header["pretty_name"].Should().Be("birds & stones: augmented data set");
    }

    [Fact]
    public async Task Stated_licence_is_in_the_header_in_lower_case_and_in_the_text()
    {
        var (card, _) = await run.ExportAsync(new ExportOptions { License = "CC-BY-4.0" });

        Header(card)["license"].Should().Be("cc-by-4.0");
        card.Should().Contain("CC-BY-4.0, as stated by who made the data set").And.NotContain("Not stated");
    }

    [Fact]
    public async Task Pattern_of_each_split_finds_its_files_and_their_rows_are_those_of_the_header()
    {
        var (card, _) = await run.ExportAsync();

        var config = Map(List(Header(card)["configs"])[0]);
        config["config_name"].Should().Be("default");
        var splits = List(config["data_files"]).Select(Map).ToDictionary(split => (string)split["split"], split => (string)split["path"]);
        splits.Keys.Should().Equal("train", "validation", "test_a").And.OnlyContain(name => SplitName().IsMatch(name));
        var info = Map(Header(card)["dataset_info"]);
        foreach (var split in List(info["splits"]).Select(Map))
        {
            var files = Directory.GetFiles(run.PathOf(""), splits[(string)split["name"]]);
            files.Should().OnlyContain(path => Path.GetFileName(path).StartsWith((string)split["name"] + "-"));
            var rows = DuckDbReader.Query($"select count(*) from read_parquet([{string.Join(", ", files.Select(path => $"'{path}'"))}])");
            rows[0][0]!.ToString().Should().Be((string)split["num_examples"]);
            files.Sum(path => new FileInfo(path).Length).ToString(CultureInfo.InvariantCulture).Should().Be((string)split["num_bytes"]);
        }

        splits.Values.SelectMany(pattern => Directory.GetFiles(run.PathOf(""), pattern)).Should().HaveCount(run.Files.Length);
    }

    /// <summary>Both forms as <c>datasets</c> has them: JSON of <c>Features.to_dict</c>, YAML of <c>Features._to_yaml_list</c> (features.py).</summary>
    [Fact]
    public async Task Features_of_the_header_are_those_in_the_files()
    {
        var (card, _) = await run.ExportAsync();

        using var reader = new ParquetFileReader(run.PathOf(run.Files[0]));
        using var inFile = JsonDocument.Parse(reader.FileMetaData.KeyValueMetadata["huggingface"]);
        var json = inFile
            .RootElement.GetProperty("info")
            .GetProperty("features")
            .EnumerateObject()
            .ToDictionary(feature => feature.Name, feature => feature.Value);
        var yaml = List(Map(Header(card)["dataset_info"])["features"]).Select(Map).ToList();
        yaml.Select(feature => (string)feature["name"]).Should().Equal(json.Keys);
        foreach (var feature in yaml)
            Form(feature).Should().Be(Form(json[(string)feature["name"]]), "both tell of {0}", feature["name"]);
    }

    [Fact]
    public async Task Split_whose_name_datasets_would_refuse_gets_another_one()
    {
        run.Request = run.Request with { Selected = [] };
        run.Shards.Rename("ingest", "split", "test_a", "test_[far]-away");

        var (card, _) = await run.ExportAsync();

        var split = Map(List(Map(List(Header(card)["configs"])[0])["data_files"])[^1]);
        split["split"].Should().Be("test__far__away");
        split["path"].Should().Be("test_?far?-away-?????-of-?????.parquet");
        card.Should().Contain("is named `test__far__away` for `datasets`");
    }

    [Fact]
    public async Task Card_counts_rows_by_class_split_and_source_and_tells_how_they_were_made()
    {
        var (card, _) = await run.ExportAsync();

        card.Should().Contain("| class | train, original | train, edit | validation, original | test_a, original | all |");
        card.Should().Contain("| land \"bird\" | 2 | 2 | 2 | 2 | 8 |");
        card.Should().Contain("| water | 3 | 1 | 0 | 0 | 4 |");
        card.Should().Contain("| in snow 0 | 2 |");
        card.Should().Contain("Seed of every draw: 7.");
        card.Should().Contain("- **edit** (edit, version 3): `strength` 0.7, `variants` 1");
        card.Should().Contain("- edit: `procedural`, built into the program");
        card.Should().Contain("`blip.safetensors`, XxHash128 00ff; its licence is not known");
        card.Should().Contain("made `base-classifier` from this data set's own samples, hash 11ee");
        card.Should().Contain("train: the file `resnet.safetensors`, XxHash128 22dd");
        card.Should().Contain("Edits by `procedural` come from no generative model");
    }

    [Fact]
    public async Task Card_tells_what_was_removed()
    {
        run.Shards.Add(
            "filter",
            1,
            ShardColumn.Of("sample_id", new[] { SmallRun.Sample(1, 0) }),
            ShardColumn.Of("variant_id", new[] { SmallRun.Variant(1, 0) }),
            ShardColumn.Of("verdict", new[] { "too_easy" })
        );

        var (card, _) = await run.ExportAsync();

        card.Should().Contain("- filter judged 4 edits and removed 1 (25.0 %): `keep` 3 (75.0 %), `too_easy` 1 (25.0 %).");
        card.Should().Contain("- The selection took 3 edits and left 7 (70.0 %): `mislabelled` 1 (10.0 %), `too_easy` 6 (60.0 %).");
        card.Should().Contain("- Class water has 2 edits where 4 were wanted.");
        card.Should().Contain("- ingest: 2 set aside as `truncated`.");
        card.Should().Contain("- 1 samples of the input are not in the data set");
    }

    private static Dictionary<string, object> Header(string card)
    {
        var parts = card.Split("---\n");
        parts[0].Should().BeEmpty("the header is at the top");
        return new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(parts[1]);
    }

    private static List<object> List(object node) => (List<object>)node;

    private static Dictionary<object, object> Map(object node) => (Dictionary<object, object>)node;

    private static string Form(Dictionary<object, object> feature)
    {
        if (feature.TryGetValue("sequence", out var element))
            return $"list {element}";
        return feature["dtype"] is string type
            ? type
            : "class "
                + string.Join(", ", Map(Map(Map(feature["dtype"])["class_label"])["names"]).Select(name => $"{name.Key} {name.Value}"));
    }

    private static string Form(JsonElement feature) =>
        feature.GetProperty("_type").GetString() switch
        {
            "Image" => "image",
            "Sequence" => $"list {feature.GetProperty("feature").GetProperty("dtype").GetString()}",
            "ClassLabel" => "class "
                + string.Join(", ", feature.GetProperty("names").EnumerateArray().Select((name, label) => $"{label} {name.GetString()}")),
            _ => feature.GetProperty("dtype").GetString() ?? "",
        };

    // datasets/splits.py: _split_re
    [GeneratedRegex(@"^\w+(?:\.\w+)*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SplitName();
}
