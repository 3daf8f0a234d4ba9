using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Tests.Runs.Topology;

public sealed class PlansFileTests : IDisposable
{
    private const string Begun = "ingest: {}, caption: {}, entropy: { after: caption, base: 2 }";
    private static readonly ShardType Text = new(ShardKind.String, Nullable: false);

    private static readonly StageCatalog Catalog = RunSession.Catalog.With([
        Manifest("entropy", sha256: null),
        Manifest("blur", sha256: null),
        Manifest("plugin", sha256: "00ff"),
    ]);

    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-plans-").FullName;

    private FolderStore Store => new(folder);

    private TopologyStore Versions => new(Store, () => Catalog);

    private string Plans => Path.Combine(folder, "plans.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_run_that_was_begun_has_one_plan_with_the_stages_in_other_languages()
    {
        await Versions.BeginAsync(Pipeline(Begun), default);

        Read()
            .ToJsonString()
            .Should()
            .Be(
                """{"oldest":1,"newest":1,"paused":[],"plans":{"1":{"entropy":{"kind":"entropy","after":["caption"],"options":{"base":"2"}}}}}"""
            );
    }

    [Theory]
    [InlineData("ingest: {}, caption: {}")]
    [InlineData("ingest: {}, plugin: {}")]
    public async Task A_run_without_such_stages_has_no_file(string stages)
    {
        await Versions.BeginAsync(Pipeline(stages), default);

        File.Exists(Plans).Should().BeFalse();
    }

    [Fact]
    public async Task A_change_from_now_adds_a_plan_and_one_from_the_start_changes_those_before_too()
    {
        await Versions.BeginAsync(Pipeline(Begun), default);

        await ChangeAsync(2, TopologyFrom.Now, $"{Begun}, blur: {{ after: ingest }}", paused: ["blur"]);
        await ChangeAsync(
            3,
            TopologyFrom.Start,
            $"{Begun.Replace("base: 2", "base: 10", StringComparison.Ordinal)}, blur: {{ after: ingest }}"
        );

        var plans = Read();
        (plans["oldest"]?.GetValue<int>(), plans["newest"]?.GetValue<int>()).Should().Be((1, 3));
        plans["plans"]!
            .AsObject()
            .Select(plan => $"{plan.Key} {Names(plan.Value)}")
            .Should()
            .Equal("1 entropy", "2 entropy blur", "3 entropy blur");
        plans["plans"]!
            .AsObject()
            .Select(plan => plan.Value!["entropy"]!["options"]!["base"]!.GetValue<string>())
            .Should()
            .AllBe("10", "the options were changed from the start");
        plans["paused"]!.AsArray().Should().BeEmpty("the last version pauses nothing");
    }

    [Fact]
    public async Task A_stage_that_is_paused_is_named()
    {
        await Versions.BeginAsync(Pipeline(Begun), default);

        await ChangeAsync(2, TopologyFrom.Now, Begun, paused: ["entropy"]);

        Read()["paused"]!.ToJsonString().Should().Be("""["entropy"]""");
    }

    [Fact]
    public async Task The_file_goes_when_the_run_is_asked_for_without_such_stages()
    {
        await Versions.BeginAsync(Pipeline(Begun), default);
        await ChangeAsync(2, TopologyFrom.Now, $"{Begun}, blur: {{ after: ingest }}");

        await Versions.BeginAsync(Pipeline("ingest: {}, caption: {}"), default);

        File.Exists(Plans).Should().BeFalse();
    }

    private async Task ChangeAsync(int number, TopologyFrom from, string stages, params string[] paused)
    {
        var pipeline = Pipeline(stages);
        var version = new TopologyVersion
        {
            Version = number,
            Change = "a test changed it",
            From = from,
            Pipeline = PipelineFile.Write(pipeline),
            Kinds = KindsFile.Of(pipeline),
            Paused = paused,
        };
        await Versions.ReserveAsync(version, default);
        await Versions.MakeCurrentAsync(version, default);
    }

    private JsonObject Read() => JsonSerializer.Deserialize<JsonObject>(File.ReadAllText(Plans)) ?? [];

    private static string Names(JsonNode? plan) => string.Join(' ', plan!.AsObject().Select(stage => stage.Key));

    private static PipelineDefinition Pipeline(string stages) =>
        PipelineFile.Read($"pipeline: test\nstages: {{ {stages} }}\n", "test.yaml", Catalog, []);

    private static StageManifest Manifest(string name, string? sha256) =>
        new()
        {
            Name = name,
            Version = 1,
            Reads = [new("ingest.uri", Text)],
            Adds = [new("sample_id", Text), new("bits", new(ShardKind.Float32, Nullable: false))],
            Sha256 = sha256,
        };
}
