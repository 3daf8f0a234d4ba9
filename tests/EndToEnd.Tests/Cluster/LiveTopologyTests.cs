using System.Globalization;
using System.Text.Json;
using Pipeline.Plugins;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>A run over RabbitMQ whose stages are added, replaced and removed while hosts work on it, by the commands that a person would give.</summary>
[Trait("Kind", "Broker")]
public sealed class LiveTopologyTests(SharedBroker shared) : IDisposable
{
    private const int Batches = 300; // of one sample each
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly string Slowly = "await Task.Delay(250, stop);"; // so that the run is under way while it is changed
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-live-").FullName;

    private string Input => Path.Combine(folder, "in");

    private string Plugins => Path.Combine(folder, "plugins");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Stages_come_change_and_go_while_300_batches_pass_and_nothing_is_lost_or_twice()
    {
        SmallDataSet.Write(Input, training: 130, held: 10);
        PluginCompiler.Compile(Plugins, "Slow", PluginSources.Number("slow", value: "1", call: Slowly));
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        RunningProgram[] hosts = [StartHost(site), StartHost(site)];
        var run = await site.SubmitAsync(Pipeline(), Input, "--plugins", Plugins, "--plugins-unchecked");
        await site.UntilAsync("twenty slow batches", () => site.Shards(run, "slow") >= 20, Limit);

        PluginCompiler.Compile(Plugins, "Stamp", PluginSources.Number("stamp", value: "item.Length"));
        await ChangeAsync(site, run, "add", "late", "--kind", "stamp", "--after", "caption", "--before", "slow", "--from", "now");
        await site.UntilAsync("the inserted stage at work", () => site.Shards(run, "late") >= 10, Limit);
        await ChangeAsync(site, run, "add", "side", "--kind", "stamp", "--after", "caption", "--from", "start", "--set", "factor=2");
        await site.UntilAsync("the side branch at work", () => site.Shards(run, "side") >= 10, Limit);
        PluginCompiler.Compile(Plugins, "Slow", PluginSources.Number("slow", version: 2, value: "2", call: Slowly));
        await site.UntilAsync(
            "the newer plugin loaded",
            () => Array.TrueForAll(hosts, host => Count(host.Output, "Slow.dll is loaded") >= 2),
            Limit
        );
        await ChangeAsync(site, run, "remove", "late");
        await site.UntilAsync("half of it done", () => site.Shards(run, "slow") >= Batches / 2, Limit);
        var leader = hosts.Single(host => host.Output.Contains($"leads {run}", StringComparison.Ordinal));
        await leader.KillAsync();
        await site.UntilDoneAsync(run, Limit);

        Versions(site, run).Should().HaveCount(4);
        await CheckWaysAsync(site, run);
        await CheckDataAsync(site, run);
    }

    [Fact]
    [Trait("Form", "Long")]
    public async Task An_added_stage_that_no_host_serves_is_said_to_wait_and_does_what_went_by_when_a_host_comes()
    {
        SmallDataSet.Write(Input, training: 8, held: 2);
        PluginCompiler.Compile(Plugins, "Slow", PluginSources.Number("slow", value: "1", call: Slowly));
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        site.StartHost("--stages", "ingest,caption,describe,filter,select,export,train,slow", "--plugins", Plugins, "--plugins-unchecked");
        var run = await site.SubmitAsync(Pipeline(), Input, "--plugins", Plugins, "--plugins-unchecked");
        await site.UntilAsync("captions", () => site.Shards(run, "caption") >= 10, Limit);

        PluginCompiler.Compile(Plugins, "Stamp", PluginSources.Number("stamp", value: "item.Length"));
        await ChangeAsync(site, run, "add", "side", "--kind", "stamp", "--after", "caption", "--from", "start");
        await site.UntilAsync("it is said to wait", () => Progress(site, run, "side") == "waiting for a host that serves it", Limit);
        site.StartHost("--stages", "stamp,edit", "--plugins", Plugins, "--plugins-unchecked");
        await site.UntilDoneAsync(run, Limit);

        site.Shards(run, "side").Should().Be(24);
    }

    private RunningProgram StartHost(ClusterSite site) => site.StartHost("--plugins", Plugins, "--plugins-unchecked");

    private Task<string> ChangeAsync(ClusterSite site, string run, string verb, params string[] more) =>
        site.CommandAsync(["stage", verb, .. more, "--run", run, "--plugins", Plugins, "--plugins-unchecked"]);

    /// <summary>Every batch has passed exactly the stages of the version with which it left caption.</summary>
    private static async Task CheckWaysAsync(ClusterSite site, string run)
    {
        var shards = Path.Combine(site.Output(run), "runs", run);
        var withLate = Versions(site, run)
            .Where(version => version.Pipeline.Contains("\n  late:", StringComparison.Ordinal))
            .Select(version => version.Number)
            .ToHashSet();
        var store = new FolderStore(site.Output(run));
        var (passed, wentBy) = (0, 0);
        foreach (var batch in Enumerable.Range(0, Batches))
        {
            var name = batch.ToString("D8", CultureInfo.InvariantCulture);
            using var log = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(shards, "caption", $"{name}.log.json")));
            var version = log.RootElement.GetProperty("version").GetInt32();
            var footer = await ShardFile.ReadFooterAsync(store, ShardNames.Uri(run, "slow", batch));
            File.Exists(Path.Combine(shards, "late", $"{name}.parquet"))
                .Should()
                .Be(withLate.Contains(version), "batch {0} is of version {1}", batch, version);
            File.Exists(Path.Combine(shards, "side", $"{name}.parquet"))
                .Should()
                .BeTrue("batch {0} is passed by what runs from the start", batch);
            (passed, wentBy) = withLate.Contains(version) ? (passed + 1, wentBy) : (passed, wentBy + 1);
            footer!
                .Parents.Any(parent => parent.Stage == "late")
                .Should()
                .Be(withLate.Contains(version), "batch {0} came to slow so", batch);
        }

        passed.Should().BeGreaterThan(0);
        wentBy.Should().BeGreaterThan(0);
    }

    /// <summary>The data set has each sample once, with the new columns where they apply.</summary>
    private static async Task CheckDataAsync(ClusterSite site, string run)
    {
        const string Sql = """
            select count(*) all_rows, count(distinct sample_id) samples, count(late_number) late, count(side_number) side, min(slow_number) slow,
            max(slow_number) slow_most, sum(side_number) side_sum from augmented where variant_id is null
            """;
        var (code, printed) = await ProgramRun.StartAsync(["query", site.Output(run), Sql, "--format", "json"]);
        code.Should().Be(0, printed);
        using var rows = JsonDocument.Parse(printed);
        var row = rows.RootElement[0];
        int Of(string column) => (int)row.GetProperty(column).GetDouble();
        Of("all_rows").Should().Be(Batches);
        Of("samples").Should().Be(Batches);
        Of("late").Should().Be(site.Shards(run, "late"));
        Of("side").Should().Be(Batches);
        Of("side_sum").Should().Be(Batches * 2 * 32);
        (Of("slow"), Of("slow_most"))
            .Should()
            .Be((2, 2), "another leader walked the run anew, and what the older version had done was done again");
        using var account = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(site.Output(run), "report", "account.json")));
        account.RootElement.EnumerateObject().Should().NotBeEmpty();
    }

    private static List<(int Number, string Pipeline)> Versions(ClusterSite site, string run) =>
        [
            .. Directory
                .GetFiles(Path.Combine(site.Output(run), "topology"), "0*.json")
                .Order(StringComparer.Ordinal)
                .Select(path => JsonDocument.Parse(File.ReadAllText(path)).RootElement)
                .Select(version => (version.GetProperty("version").GetInt32(), version.GetProperty("pipeline").GetString() ?? "")),
        ];

    private static string? Progress(ClusterSite site, string run, string stage)
    {
        var file = Path.Combine(site.Store, "progress", $"{run}.json");
        using var told = JsonDocument.Parse(File.ReadAllText(file));
        return told
            .RootElement.GetProperty("progress")
            .GetProperty("stages")
            .EnumerateArray()
            .Where(other => other.GetProperty("stage").GetString() == stage)
            .Select(other => other.GetProperty("state").GetString())
            .FirstOrDefault();
    }

    private static int Count(string text, string word) => text.Split('\n').Count(line => line.Contains(word, StringComparison.Ordinal));

    private string Pipeline()
    {
        var path = Path.Combine(folder, "live.yaml");
        File.WriteAllText(
            path,
            """
            pipeline: live
            stages:
              ingest: { batch: 1, unfinished: 16 }
              caption: { after: ingest }
              slow: { after: caption }
              describe: { after: caption, limit: 2, among: 20 }
              edit: { after: slow }
              filter: { after: edit, callSize: 2 }
              select: { after: filter }
              export: { after: select }
              train: { after: [ingest, select], imageSize: 32, epochs: 1, trainings: [original] }

            """
        );
        return path;
    }
}
