using Pipeline.Stages.Edit;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>Hosts that a sample brings down, over RabbitMQ.</summary>
[Trait("Kind", "Broker")]
public sealed class CrashingHostsTests(SharedBroker shared) : IDisposable
{
    private const int Aborted = 134; // 128 + SIGABRT
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-hosts-").FullName;

    private string Input => Path.Combine(folder, "in");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Edit_on_which_the_model_aborts_costs_two_restarts_of_the_host_and_is_quarantined_alone()
    {
        var (pipeline, whole) = await WholeAsync();
        var guilty = whole[whole.Count / 2].VariantId;
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);

        var run = await site.SubmitAsync(pipeline, Input);
        var codes = new List<int>();
        for (var starts = 0; starts < 2; starts++)
        {
            codes.Add(await site.StartCrashingHost($"edit:call.{guilty}").EndAsync());
        }

        var last = site.StartCrashingHost($"edit:call.{guilty}");
        await site.UntilDoneAsync(run, Limit);

        codes.Should().Equal(Aborted, Aborted);
        last.HasEnded.Should().BeFalse();
        await CheckAsync(site, run, whole, guilty);
    }

    [Fact]
    public async Task Of_three_hosts_an_edit_brings_two_down_and_the_third_goes_on_without_it()
    {
        var (pipeline, whole) = await WholeAsync();
        var guilty = whole[whole.Count / 2].VariantId;
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        RunningProgram[] hosts =
        [
            site.StartCrashingHost($"edit:call.{guilty}"),
            site.StartCrashingHost($"edit:call.{guilty}", "--stages", "edit"),
            site.StartCrashingHost($"edit:call.{guilty}", "--stages", "edit"),
        ];
        hosts = [.. hosts, site.StartHost("--stages", "ingest,caption,describe")];

        var run = await site.SubmitAsync(pipeline, Input);
        await site.UntilDoneAsync(run, Limit);

        hosts.Count(host => host.HasEnded).Should().Be(2, site.Printed);
        await CheckAsync(site, run, whole, guilty);
    }

    private async Task<(string Pipeline, List<EditRow> Edits)> WholeAsync()
    {
        var pipeline = ClusterPipelines.Edits(folder);
        SmallDataSet.Write(Input, training: 10, held: 1);
        var output = Path.Combine(folder, "whole");
        var (code, printed) = await ProgramRun.StartAsync(ProgramRun.Arguments(pipeline, Input, output));
        code.Should().Be(0, printed);
        return (pipeline, await new RunOutput(output).RowsAsync<EditRow>("edit"));
    }

    private static async Task CheckAsync(ClusterSite site, string run, List<EditRow> whole, string guilty)
    {
        var output = new RunOutput(site.Output(run));
        var row = (await output.QuarantineAsync("edit")).Should().ContainSingle().Subject;
        (row.VariantId, row.Kind).Should().Be((guilty, "crash"));
        (await output.RowsAsync<EditRow>("edit"))
            .Should()
            .BeEquivalentTo(whole.Where(edit => edit.VariantId != guilty), edits => edits.WithStrictOrdering());
    }
}
