using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export.Card;

public sealed class CroissantTests : IDisposable
{
    private readonly CardRun run = new();

    public void Dispose() => run.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Description_is_valid_whether_or_not_the_user_has_stated_the_rights(bool stated)
    {
        var options = stated
            ? new ExportOptions
            {
                License = "CC-BY-4.0",
                Creator = "A. Person",
                Url = "https://example.org/birds",
                Published = "2026-01-31",
            }
            : new ExportOptions();

        var (_, croissant) = await run.ExportAsync(options);

        CroissantForm.Faults(croissant).Should().BeEmpty();
        ((string?)croissant["datePublished"]).Should().Be(stated ? "2026-01-31" : "9999-12-31");
        ((string?)croissant["description"])!.Contains("not been published").Should().Be(!stated);
        if (stated)
            ((string?)croissant["license"]).Should().Be("https://spdx.org/licenses/CC-BY-4.0");
    }

    [Theory]
    [InlineData("license")]
    [InlineData("distribution")]
    [InlineData("creator")]
    public async Task Form_sees_what_is_missing(string property)
    {
        var (_, croissant) = await run.ExportAsync();
        croissant.Remove(property);

        var faults = CroissantForm.Faults(croissant);

        faults.Should().Equal($"{property} is missing");
    }

    [Fact]
    public async Task Form_sees_an_id_that_is_nowhere()
    {
        var (_, croissant) = await run.ExportAsync();
        var file = croissant["distribution"]!.AsArray()[^1]!;
        file["@id"] = "elsewhere";

        var faults = CroissantForm.Faults(croissant);

        faults.Distinct().Should().Equal("nothing has the id parquet-files");
    }

    [Fact]
    public async Task Files_are_those_of_the_folder_with_their_hashes()
    {
        var (_, croissant) = await run.ExportAsync();

        var files = croissant["distribution"]!.AsArray().Where(node => (string?)node!["@type"] == "cr:FileObject").ToList();
        files.Select(file => (string?)file!["contentUrl"]).Should().BeEquivalentTo(run.Files);
        foreach (var file in files)
        {
            var bytes = await File.ReadAllBytesAsync(run.PathOf((string)file!["contentUrl"]!), TestContext.Current.CancellationToken);
            ((string?)file["sha256"]).Should().Be(Convert.ToHexStringLower(SHA256.HashData(bytes)));
            ((string?)file["contentSize"]).Should().Be($"{bytes.Length} B");
        }

        var patterns = croissant["distribution"]!.AsArray()[^1]!["includes"]!.AsArray().Select(node => (string)node!);
        patterns
            .SelectMany(pattern => Directory.GetFiles(run.PathOf(""), pattern))
            .Select(path => Path.GetFileName(path))
            .Should()
            .BeEquivalentTo(run.Files);
    }

    [Fact]
    public async Task Fields_take_every_column_that_DuckDB_finds_and_no_other()
    {
        var (_, croissant) = await run.ExportAsync();

        var fields = croissant["recordSet"]!.AsArray()[^1]!["field"]!.AsArray();
        var columns = DuckDbReader.Query($"describe select * from '{run.PathOf(run.Files[0])}'");
        fields
            .Select(field => (string?)field!["source"]!["extract"]!["column"])
            .Should()
            .Equal(columns.Select(column => (string?)column[0]));
        fields
            .Select(field => Type(field!))
            .Should()
            .Equal(
                columns.Select(column =>
                    (string?)column[1] switch
                    {
                        "VARCHAR" => "sc:Text",
                        "BIGINT" => "sc:Integer, cr:Label",
                        "INTEGER" => "sc:Integer",
                        "DOUBLE" or "FLOAT" => "sc:Float",
                        "BOOLEAN" => "sc:Boolean",
                        "FLOAT[]" => "many sc:Float",
                        "VARCHAR[]" => "many sc:Text",
                        _ => "sc:ImageObject",
                    }
                )
            );
    }

    [Fact]
    public async Task Classes_and_splits_are_enumerated()
    {
        var (_, croissant) = await run.ExportAsync();

        var sets = croissant["recordSet"]!.AsArray();
        sets[0]!["data"]!
            .AsArray()
            .Select(row => $"{row!["splits/name"]} {row["splits/url"]}")
            .Should()
            .Equal("train cr:TrainingSplit", "validation cr:ValidationSplit", "test_a cr:TestSplit");
        sets[1]!["data"]!
            .AsArray()
            .Select(row => $"{row!["classes/label"]} {row["classes/name"]}")
            .Should()
            .Equal("0 land \"bird\"", "1 water");
    }

    private static string Type(JsonNode field) =>
        (field["repeated"] is null ? "" : "many ")
        + (field["dataType"] is JsonArray types ? string.Join(", ", types.Select(type => (string?)type)) : (string?)field["dataType"]);
}
