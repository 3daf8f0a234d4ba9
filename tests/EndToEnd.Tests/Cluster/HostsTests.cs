using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>Whole runs over RabbitMQ, by processes that are started as a user would start them.</summary>
[Trait("Kind", "Broker")]
public sealed class HostsTests(SharedBroker shared) : IDisposable
{
    private const int Training = 40; // of each of two classes
    private const int Held = 5; // of each class and of two splits
    private const int Samples = 2 * (Training + (2 * Held));
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-hosts-").FullName;

    private string Input => Path.Combine(folder, "in");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Two_hosts_write_what_one_process_writes_and_leave_nothing_in_the_broker()
    {
        var pipeline = ClusterPipelines.Whole(folder);
        var whole = await WholeAsync(pipeline);
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        site.StartHost();
        site.StartHost();

        var run = await site.SubmitAsync(pipeline, Input);
        await site.UntilDoneAsync(run, Limit);

        await CheckAsync(site, run, whole);
    }

    [Fact]
    public async Task When_the_host_that_leads_is_killed_another_takes_over()
    {
        var pipeline = ClusterPipelines.Edits(folder);
        var whole = await WholeAsync(pipeline);
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        RunningProgram[] hosts = [site.StartHost(), site.StartHost()];

        var run = await site.SubmitAsync(pipeline, Input);
        await site.UntilAsync("ten captions", () => site.Shards(run, "caption") >= 10, Limit);
        var leader = hosts.Single(host => host.Output.Contains($"leads {run}", StringComparison.Ordinal));
        await leader.KillAsync();
        await site.UntilDoneAsync(run, Limit);

        hosts.Should().AllSatisfy(host => host.Output.Should().Contain($"leads {run}"));
        await CheckAsync(site, run, whole);
    }

    [Fact]
    public async Task Paused_run_stands_still_until_it_is_resumed()
    {
        var pipeline = ClusterPipelines.Edits(folder);
        var whole = await WholeAsync(pipeline);
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        var host = site.StartHost();

        var run = await site.SubmitAsync(pipeline, Input);
        await site.UntilAsync("ten captions", () => site.Shards(run, "caption") >= 10, Limit);
        await site.ControlAsync("pause", run);
        await site.UntilAsync("the host gone from the run", () => host.Output.Contains($"left {run}", StringComparison.Ordinal), Limit);
        var (state, shards) = (site.State(run), site.AllShards(run));
        await Task.Delay(TimeSpan.FromSeconds(2));
        var later = site.AllShards(run);
        await site.ControlAsync("resume", run);
        await site.UntilDoneAsync(run, Limit);

        state.Should().NotBe("done");
        later.Should().Be(shards);
        await CheckAsync(site, run, whole);
    }

    [Fact]
    public async Task Run_whose_broker_lost_its_disk_is_resumed_from_the_store()
    {
        var pipeline = ClusterPipelines.Edits(folder);
        var whole = await WholeAsync(pipeline);
        await using var broker = await BrokerServer.StartAsync(SharedBroker.Installed());
        await using var site = new ClusterSite(broker, folder);
        site.StartHost();
        site.StartHost();

        var run = await site.SubmitAsync(pipeline, Input);
        await site.UntilAsync("ten captions", () => site.Shards(run, "caption") >= 10, Limit);
        await broker.LoseDiskAsync();
        await site.ControlAsync("resume", run);
        await site.UntilDoneAsync(run, Limit);

        await CheckAsync(site, run, whole);
    }

    [Fact]
    public async Task Host_that_is_asked_to_end_finishes_what_it_has_and_another_does_the_rest()
    {
        var pipeline = ClusterPipelines.Edits(folder);
        var whole = await WholeAsync(pipeline);
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        var first = site.StartHost("--drain", "20");

        var run = await site.SubmitAsync(pipeline, Input);
        await site.UntilAsync("ten captions", () => site.Shards(run, "caption") >= 10, Limit);
        first.Terminate();
        var code = await first.EndAsync();
        var state = site.State(run);
        site.StartHost();
        await site.UntilDoneAsync(run, Limit);

        code.Should().Be(0, first.Output);
        state.Should().NotBe("done");
        await CheckAsync(site, run, whole);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    public async Task Stage_that_nobody_serves_keeps_ingest_within_its_bound(int unfinished)
    {
        var pipeline = ClusterPipelines.Edits(folder, unfinished);
        var whole = await WholeAsync(pipeline);
        await using var site = new ClusterSite(await shared.ServerAsync(), folder);
        site.StartHost("--stages", "ingest,caption,describe");

        var run = await site.SubmitAsync(pipeline, Input);
        await site.UntilAsync("the gate open", () => site.IsWaiting(run, "edit") == false, Limit);
        var opened = site.Shards(run, "ingest");
        await Task.Delay(TimeSpan.FromSeconds(3));
        var (ingested, edited) = (site.Shards(run, "ingest"), site.Shards(run, "edit"));
        site.StartHost("--stages", "edit");
        await site.UntilDoneAsync(run, Limit);

        edited.Should().Be(0);
        ingested.Should().BeLessThanOrEqualTo(opened + unfinished).And.BeLessThan(Samples);
        await CheckAsync(site, run, whole);
    }

    [Fact]
    public async Task Failed_batches_of_a_run_that_ended_are_replayed_by_its_hosts()
    {
        var pipeline = ClusterPipelines.Edits(folder);
        var whole = await WholeAsync(pipeline);
        await using var site = new ClusterSite(await shared.ServerAsync(), folder) { Faults = Path.Combine(folder, "faults") };
        await FailAsync(site, "caption", "edit");
        site.StartHost();
        site.StartHost();
        var run = await site.SubmitAsync(pipeline, Input, "--max-failed", "100");
        await site.UntilDoneAsync(run, Limit);
        var failed = site.Failed(run);

        await File.WriteAllTextAsync(site.Faults, "");
        await site.ControlAsync("replay", run, "--yes");
        await site.UntilAsync("nothing failed", () => site.Failed(run) == 0 && site.IsDone(run), Limit);

        failed.Should().Be(20);
        await CheckAsync(site, run, whole);
    }

    [Fact]
    public async Task Failed_batches_are_replayed_while_the_run_goes_on()
    {
        var pipeline = ClusterPipelines.Edits(folder);
        var whole = await WholeAsync(pipeline);
        await using var site = new ClusterSite(await shared.ServerAsync(), folder) { Faults = Path.Combine(folder, "faults") };
        await FailAsync(site, "caption");
        var leader = site.StartHost("--stages", "ingest,caption,describe");
        var run = await site.SubmitAsync(pipeline, Input, "--max-failed", "100");
        await site.UntilAsync("ten failed", () => site.Failed(run) == 10, Limit);

        await File.WriteAllTextAsync(site.Faults, "");
        await site.ControlAsync("replay", run, "--yes", "--group", (await site.GroupsAsync(run)).Single());
        await site.UntilAsync("nothing failed", () => site.Failed(run) == 0, Limit);
        site.StartHost("--stages", "edit");
        await site.UntilDoneAsync(run, Limit);

        leader.Output.Split($"leads {run}").Should().HaveCount(2, "the run was not opened anew");
        await CheckAsync(site, run, whole);
    }

    [Fact]
    [Trait("Form", "Long")]
    public async Task Leader_keeps_a_run_that_lasts_longer_than_the_broker_waits_for_an_acknowledgement()
    {
        var pipeline = ClusterPipelines.Edits(folder);
        var whole = await WholeAsync(pipeline);
        await using var broker = await BrokerServer.StartAsync(
            SharedBroker.Installed(),
            new BrokerOptions { AcknowledgementTimeout = TimeSpan.FromSeconds(60), ChannelTick = TimeSpan.FromSeconds(5) }
        );
        await using var site = new ClusterSite(broker, folder);
        var leader = site.StartHost("--stages", "ingest,caption,describe", "--acknowledgement-timeout", "60");

        var run = await site.SubmitAsync(pipeline, Input);
        await Task.Delay(TimeSpan.FromSeconds(150));
        site.StartHost("--stages", "edit", "--acknowledgement-timeout", "60");
        await site.UntilDoneAsync(run, Limit);

        leader.Output.Split($"leads {run}").Should().HaveCount(2, leader.Output);
        await CheckAsync(site, run, whole);
    }

    private async Task<string> WholeAsync(string pipeline)
    {
        SmallDataSet.Write(Input, Training, Held);
        var whole = Path.Combine(folder, "whole");
        var (code, printed) = await ProgramRun.StartAsync(ProgramRun.Arguments(pipeline, Input, whole));
        code.Should().Be(0, printed);
        return whole;
    }

    /// <summary>Ten batches of each stage fail from now on.</summary>
    private static Task FailAsync(ClusterSite site, params string[] stages) =>
        File.WriteAllLinesAsync(
            site.Faults ?? "",
            stages.SelectMany(
                (stage, index) =>
                    Enumerable.Range(0, 10).Select(batch => $"{stage}:batch.{(4 * batch) + index} The model of {stage} is not there.")
            )
        );

    private static async Task CheckAsync(ClusterSite site, string run, string whole)
    {
        await site.UntilRemovedAsync(run, Limit);
        ProgramRun.Differences(site.Output(run), whole).Should().BeEmpty();
        if (Accountant.IsThere)
        {
            (await Accountant.CheckAsync(site.Output(run), Samples)).Should().ContainSingle().Which.Should().EndWith(" 0 findings");
        }
    }
}
