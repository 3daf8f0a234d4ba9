using System.Text.Json;
using Pipeline.Plugins;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Tests.Ingest;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Plugins;

public sealed class PluginRunTests : IDisposable
{
    private readonly InputFolder input = new();
    private readonly TemporaryFolder output = new();

    public PluginRunTests()
    {
        for (var index = 0; index < 6; index++)
        {
            input.With($"a/{index}.png", InputFolder.Png(8, 8, (byte)(30 * index)));
        }
    }

    public void Dispose()
    {
        input.Dispose();
        output.Dispose();
    }

    [Fact]
    public async Task Stage_of_a_plugin_writes_what_it_adds_and_says_which_version_did()
    {
        await using var folder = new WatchedFolder();
        folder.Drop(PluginSources.Number());
        await folder.OpenAsync();

        var end = await RunAsync(folder, "number: { factor: 0.5 }");

        end.Should().BeEquivalentTo(new { Fault = (string?)null, FailedBatches = 0 });
        (await NumbersAsync()).Should().AllBeEquivalentTo(16).And.HaveCount(6);
        var log = await WorkLog.ReadAsync(output.Store, $"runs/{end.Run}/number/00000000.log.json", CancellationToken.None);
        log!.Plugin.Should().Be(folder.Kind("number").Plugin.Sha256);
        var read = PipelineFile.ReadWritten(
            await File.ReadAllTextAsync(Path.Combine(output.Path, "pipeline.yaml")),
            "pipeline.yaml",
            KindsFile.Read(output.Path, RunSession.Catalog)
        );
        read.Stages[1].Kind.Should().BeOfType<ForeignKind>().Which.Manifest.Sha256.Should().Be(log.Plugin);
    }

    [Fact]
    public async Task Kind_of_another_version_does_its_work_again_and_one_of_the_same_does_not()
    {
        await using var folder = new WatchedFolder();
        folder.Drop(PluginSources.Number());
        await folder.OpenAsync();
        await RunAsync(folder);

        folder.Drop(PluginSources.Number(value: "0"));
        await folder.SaidAsync("number 1.\nThe plugin");
        var same = await RunAsync(folder);
        folder.Drop(PluginSources.Number(version: 2, value: "7"));
        await folder.HasAsync(catalog => catalog.Find("number").Version == 2);
        var other = await RunAsync(folder);

        same.Unchanged.Should().BeTrue("who writes the plugin says when its output changes");
        other.Unchanged.Should().BeFalse();
        (await NumbersAsync()).Should().AllBeEquivalentTo(7);
    }

    [Fact]
    public async Task Stage_of_which_there_is_only_a_manifest_is_no_part_of_a_run_in_one_process()
    {
        await using var folder = new WatchedFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "number.stage.json"),
            """{ "name": "number", "version": 1, "reads": { "ingest.uri": "string" }, "adds": { "sample_id": "string", "number": "float64" } }"""
        );
        await folder.OpenAsync();

        var run = () => RunAsync(folder);

        await run.Should()
            .ThrowAsync<PipelineFileException>()
            .WithMessage("The kind of number is number, of which there is only a manifest;*submit*");
        Directory.GetFileSystemEntries(output.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task Child_process_has_the_version_of_the_plugin_that_its_parent_has()
    {
        await using var folder = new WatchedFolder();
        folder.Drop(PluginSources.Number());
        await folder.OpenAsync();
        var pipeline = PipelineFile.Read("pipeline: p\nstages: { ingest: , number: , caption: }", "my.yaml", folder.Plugins.Catalog, []);
        var run = new RunSite
        {
            Run = "r",
            Seed = 0,
            Topology = new LiveTopology(pipeline),
            Input = input.Path,
            InputRoot = input.Path,
            ClassNames = ["a"],
            Output = output.Path,
            Store = new FolderStore(output.Path),
            Transport = new EmbeddedTransport(),
            Credits = new BatchCredits(1),
        };

        var sent = JsonSerializer.Serialize(
            IsolatedSite.Of(new StageSite(run, pipeline.Stages[1], new StageMeter())),
            JsonSerializerOptions.Web
        );
        var received = JsonSerializer.Deserialize<IsolatedSite>(sent, JsonSerializerOptions.Web)!;
        var site = received.Open(received.KindsWith(RunSession.Catalog));

        site.Definition.Kind.Should().BeAssignableTo<IPluginKind>().Which.Plugin.Should().Be(folder.Kind("number").Plugin);
    }

    private async Task<SessionEnd> RunAsync(WatchedFolder folder, string stage = "number: {}")
    {
        using var pipelines = new TemporaryFolder();
        var pipeline = Path.Combine(pipelines.Path, "p.yaml");
        File.WriteAllText(pipeline, $"pipeline: p\nstages:\n  ingest: {{ batch: 4 }}\n  {stage}\n");
        return await RunSession.RunAsync(
            new RunSettings
            {
                Pipeline = pipeline,
                Input = input.Path,
                Output = output.Path,
                Plugins = folder.Plugins,
            },
            new Unwatched(),
            TimeProvider.System,
            CancellationToken.None
        );
    }

    private async Task<List<double>> NumbersAsync()
    {
        var run = await RunFile.ReadAsync(output.Store, CancellationToken.None);
        var numbers = new List<double>();
        await foreach (var (_, rows) in new RunShards(output.Store, run!.Id).ReadAllAsync<NumberRow>("number", CancellationToken.None))
        {
            numbers.AddRange(rows.Select(row => row.Number));
        }

        return numbers;
    }

    private sealed record NumberRow(double Number);

    private sealed class Unwatched : IRunMonitor
    {
        public void Report(RunProgress progress) { }
    }
}
