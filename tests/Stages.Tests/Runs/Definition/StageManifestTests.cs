using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Shards;
using Pipeline.Stages.Caption;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public sealed class StageManifestTests
{
    private const string Sharpness = """
        {
          "name": "sharpness",
          "version": 2,
          "needs": [ "domains" ],
          "reads": { "ingest.uri": "string", "ingest.image": "binary?" },
          "adds": { "sample_id": "string", "sharpness": "float64" },
          "sha256": null
        }
        """;

    [Fact]
    public void Manifest_of_a_kind_has_its_columns_with_their_types()
    {
        var manifest = StageManifest.Of(new CaptionKind());

        manifest.Name.Should().Be("caption");
        manifest.Reads.Select(column => $"{column}").Should().Contain(["ingest.uri:string", "ingest.length:int64", "ingest.image:binary?"]);
        manifest.Adds.Select(column => $"{column}").Should().Equal("sample_id:string", "caption:string");
        manifest.Sha256.Should().BeNull();
    }

    [Fact]
    public void Manifest_of_a_kind_without_types_is_refused()
    {
        var of = () => StageManifest.Of(new EveryKind());

        of.Should().Throw<ArgumentException>().WithMessage("The column source.image of the kind every has no type; it must*");
    }

    [Fact]
    public void Manifest_is_written_as_it_is_read()
    {
        var manifest = StageManifest.Read(Encoding.UTF8.GetBytes(Sharpness), "sharpness.stage.json");

        JsonNode.DeepEquals(JsonNode.Parse(manifest.ToJson()), JsonNode.Parse(Sharpness)).Should().BeTrue();
        manifest.Reads.Should().Equal([new("ingest.uri", new(ShardKind.String, false)), new("ingest.image", new(ShardKind.Binary, true))]);
    }

    [Fact]
    public void Manifest_tells_optional_columns_apart()
    {
        var manifest = StageManifest.Of(new WishKind("wish"));

        var kind = new ForeignKind(StageManifest.Read(manifest.ToJson(), "wish.stage.json"));

        manifest.OptionalReads.Should().Equal(new ShardField("every.text", new(ShardKind.String, true)));
        kind.Reads.Should().Equal("source.image");
        kind.OptionalReads.Should().Equal("every.text");
        kind.ReadTypes.Should().Equal(new WishKind("wish").ReadTypes);
        Encoding.UTF8.GetString(StageManifest.Of(new CaptionKind()).ToJson()).Should().NotContain("optional");
    }

    [Theory]
    [InlineData(
        "{",
        "a.stage.json is not readable (*); it must be a stage's manifest with name, version, needs, reads and adds. Correct it."
    )]
    [InlineData("{}", "*name*")]
    [InlineData("""{ "name": "a", "version": 1, "adds": { "b": "string" }, "need": [] }""", "*need*")]
    [InlineData("""{ "name": "a", "version": 1, "adds": { "b": "int" } }""", "*The type of b is int; it must be string, int32, int64,*")]
    [InlineData("""{ "name": "a", "version": 1, "adds": { "b": "int32", "b": "int32" } }""", "*The column b is named twice*")]
    [InlineData(
        """{ "name": "A", "version": 0, "reads": { "uri": "string" } }""",
        "name (a.stage.json) is 'A'; it must be *\nversion (a.stage.json) is 0; *\nThe column uri of reads *\nadds (a.stage.json) is empty; *"
    )]
    public void What_is_no_manifest_is_refused(string json, string message)
    {
        var read = () => StageManifest.Read(Encoding.UTF8.GetBytes(json), "a.stage.json");

        read.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void Manifest_goes_through_the_options_of_another_file()
    {
        var manifest = StageManifest.Of(new CaptionKind());

        var read = JsonSerializer.Deserialize<StageManifest>(
            JsonSerializer.Serialize(manifest, JsonSerializerOptions.Web),
            JsonSerializerOptions.Web
        );

        read.Should().BeEquivalentTo(manifest);
    }
}
