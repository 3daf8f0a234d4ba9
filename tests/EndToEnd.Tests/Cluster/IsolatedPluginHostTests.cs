using Pipeline.Plugins;
using Pipeline.Stages.Ingest;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>A host that serves a plugin in child processes, over RabbitMQ.</summary>
[Trait("Kind", "Broker")]
public sealed class IsolatedPluginHostTests(SharedBroker shared) : IDisposable
{
    private const string Yaml =
        "pipeline: odd\nstages:\n  ingest: { batch: 8 }\n  caption: { after: ingest }\n  number: { after: ingest }\n";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-hosts-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Sample_on_which_a_plugin_ends_its_process_is_quarantined_and_the_host_lives()
    {
        var input = SmallDataSet.Write(Path.Combine(folder, "in"));
        var ids = Path.Combine(folder, "ids");
        await ProgramRun.StartAsync(ProgramRun.Arguments(PipelineFile.Ingesting(folder), input, ids));
        var odd = (await new RunOutput(ids).RowsAsync<IngestRow>("ingest"))[^1].SampleId;
        var crash = $"if (items.Any(item => item.Value == \"{odd}\")) {{ Environment.FailFast(\"odd sample\"); }}";
        string[] plugins = ["--plugins", Path.Combine(folder, "plugins"), "--plugins-unchecked"];
        PluginCompiler.Compile(plugins[1], "Numbers", PluginSources.Number(call: crash));
        var pipeline = Path.Combine(folder, "odd.yaml");
        await File.WriteAllTextAsync(pipeline, Yaml);
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        var host = site.StartHost([.. plugins, "--isolate"]);

        var run = await site.SubmitAsync(pipeline, input, plugins);
        await site.UntilDoneAsync(run, Limit);

        host.HasEnded.Should().BeFalse(site.Printed);
        var output = new RunOutput(site.Output(run));
        var row = (await output.QuarantineAsync("number")).Should().ContainSingle().Subject;
        (row.SampleId, row.Kind).Should().Be((odd, "crash"));
        (await output.RowsAsync<IngestRow>("ingest")).Should().HaveCount(40);
        Directory.GetFiles(Path.Combine(site.Output(run), "runs", run, "number"), "*.parquet").Should().HaveCount(5);
        site.Printed.Should().Contain("number: its process has ended: signal 6 (SIGABRT)");
    }
}
