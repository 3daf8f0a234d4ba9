using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Tests.Flow;

namespace Pipeline.Stages.Tests.Isolation;

public sealed class StageIsolationTests
{
    private const string Ready = "read site; echo pipeline-isolated:{};";
    private static readonly FlowOptions OneCall = new(MicroBatch: 8, Workers: 2, Lanes: 1, Prefetch: 4);

    [Fact]
    public async Task Item_that_twice_ends_its_child_is_quarantined_and_the_others_are_done_without_it()
    {
        await using var site = await FlowSite.OpenAsync();
        Suspect(site, "0-1");
        var shout = new Shout();
        var isolation = Isolation(site, $"{Ready} echo x >> '{Starts(site)}'; read item; kill -ABRT $$");
        await using var graph = await StartAsync(site, shout, isolation);

        await site.PublishAsync(0, "a", "b", "c");
        var ready = await site.NextAsync<BatchReady>();

        ready.Quarantined.Should().Be(1);
        (await site.TextsAsync(0)).Should().Equal("A", "C");
        shout.Calls.SelectMany(call => call).Should().BeEquivalentTo("a", "c");
        (await File.ReadAllLinesAsync(Starts(site))).Should().HaveCount(2);
        var row = site.Quarantine(0).Should().ContainSingle().Subject;
        (row.SampleId, row.Stage, row.Kind).Should().Be(("0-1", "shout", "crash"));
        row.Message.Should()
            .Be(
                "The model call for row 1 of runs/r/source/00000000.parquet, alone in a process, ended it 2 times, by signal 6 (SIGABRT); it must come back. "
                    + "Look at the sample, or try another backend."
            );
    }

    [Fact]
    public async Task Item_that_ends_one_child_and_not_the_next_has_that_ones_answer()
    {
        await using var site = await FlowSite.OpenAsync();
        Suspect(site, "0-0");
        var refusal = """pipeline-isolated:{"kind":"odd","message":"It is odd.","refused":true}""";
        var isolation = Isolation(
            site,
            $"{Ready} read item; test -e '{Starts(site)}' || {{ touch '{Starts(site)}'; kill -KILL $$; }}; echo 'loaded {refusal}'; read end"
        );
        await using var graph = await StartAsync(site, new Shout(), isolation);

        await site.PublishAsync(0, "a", "b");
        await site.NextAsync<BatchReady>();

        var row = site.Quarantine(0).Should().ContainSingle().Subject;
        (row.SampleId, row.Kind, row.Message).Should().Be(("0-0", "odd", "It is odd."));
        (await site.TextsAsync(0)).Should().Equal("B");
    }

    [Fact]
    public async Task Child_that_does_not_answer_in_time_is_killed_and_has_been_brought_down()
    {
        await using var site = await FlowSite.OpenAsync();
        Suspect(site, "0-0");
        var isolation = Isolation(site, $"{Ready} exec tail -f /dev/null", TimeSpan.FromMilliseconds(300));
        await using var graph = await StartAsync(site, new Shout(), isolation);

        await site.PublishAsync(0, "a", "b");
        await site.NextAsync<BatchReady>();

        var row = site.Quarantine(0).Should().ContainSingle().Subject;
        row.Kind.Should().Be("crash");
        row.Message.Should().Contain("by no answer within 0.3 s");
    }

    [Theory]
    [InlineData("exit 3", "could not begin: exit code 3.")]
    [InlineData("read site; echo 'pipeline-isolated:{\"fault\":\"no model\"}'", "could not begin: no model.")]
    [InlineData(Ready + " read item; echo 'pipeline-isolated:{\"fault\":\"no room\"}'; read end", "could not try 0-0")]
    public async Task What_is_not_the_items_fault_fails_the_batch_and_sets_nothing_aside(string child, string message)
    {
        await using var site = await FlowSite.OpenAsync();
        Suspect(site, "0-0");
        await using var graph = await StartAsync(site, new Shout(), Isolation(site, child));

        await site.PublishAsync(0, "a", "b");
        var failed = await site.NextAsync<BatchFailed>();

        failed.Message.Should().Contain(message);
        site.Quarantine(0).Should().BeEmpty();
    }

    [Fact]
    public async Task What_passes_by_itself_has_the_batch_tried_again_later()
    {
        await using var site = await FlowSite.OpenAsync();
        Suspect(site, "0-0");
        var busy = """pipeline-isolated:{"fault":"busy","passing":true}""";
        var child =
            $"{Ready} read item; test -e '{Starts(site)}' || {{ touch '{Starts(site)}'; echo '{busy}'; read again; }}; kill -ABRT $$";
        await using var graph = await StartAsync(site, new Shout(), Isolation(site, child));

        await site.PublishAsync(0, "a", "b");
        var ready = await site.NextAsync<BatchReady>();

        ready.Quarantined.Should().Be(1, "the batch came again, and then the item ended its child, twice");
    }

    [Fact]
    public async Task Model_that_ends_every_process_is_broken_and_fails_the_batch()
    {
        await using var site = await FlowSite.OpenAsync();
        Suspect(site, "0-0", "0-1");
        await using var graph = await StartAsync(site, new Shout(), Isolation(site, $"{Ready} read item; kill -SEGV $$"));

        await site.PublishAsync(0, "a", "b");
        var failed = await site.NextAsync<BatchFailed>();

        failed.Error.Should().Be("crash");
        failed.Message.Should().Contain("by signal 11 (SIGSEGV)");
    }

    [Fact]
    public async Task Item_of_one_crash_is_called_with_the_others_and_is_free_when_the_call_comes_back()
    {
        await using var site = await FlowSite.OpenAsync();
        DeadProcess.Leave(Folder(site), [DeadProcess.Item("0-0")]);
        var shout = new Shout();
        var graph = await StartAsync(site, shout, Isolation(site, "exit 3"));

        await site.PublishAsync(0, "a", "b");
        await site.NextAsync<BatchReady>();
        await graph.DisposeAsync();

        shout.Calls.Should().ContainSingle().Which.Should().BeEquivalentTo("a", "b");
        Directory.GetFiles(Folder(site)).Should().BeEmpty("neither a mark nor a count is left");
    }

    [Fact]
    public async Task Call_is_marked_while_it_lasts_also_when_it_throws()
    {
        await using var site = await FlowSite.OpenAsync();
        var marks = new List<string>();
        var shout = new Shout
        {
            Refused = word => word == "b",
            During = _ =>
            {
                marks.Add(DeadProcess.Held(Folder(site)).Split("\n\n")[0]);
                return Task.CompletedTask;
            },
        };
        await using var graph = await StartAsync(site, shout, Isolation(site, "exit 3"), OneCall with { MicroBatch = 1, Workers = 1 });

        await site.PublishAsync(0, "a+c", "b");
        await site.NextAsync<BatchReady>();

        marks.Should().BeEquivalentTo("0-0\t0-0-0", "0-0\t0-0-1", "0-1\t");
        DeadProcess.Held(Folder(site)).Should().StartWith("\n");
    }

    [Fact]
    public async Task Batch_that_comes_again_makes_its_host_look_for_what_died_since()
    {
        await using var site = await FlowSite.OpenAsync();
        var isolation = Isolation(site, $"{Ready} read item; kill -ABRT $$");
        await using var holder = await Deliveries(site);
        await site.PublishAsync(0, "a", "b");
        var first = await holder.NextAsync();
        Suspect(site, "0-0");
        await first.GiveBackAsync();
        await holder.DisposeAsync();

        await using var graph = await StartAsync(site, new Shout(), isolation, look: false);
        await site.NextAsync<BatchReady>();

        site.Quarantine(0).Should().ContainSingle().Which.Kind.Should().Be("crash");
    }

    [Fact]
    public async Task People_are_told_how_many_are_tried_alone()
    {
        await using var site = await FlowSite.OpenAsync();
        Suspect(site, "0-0", "0-1");
        await using var isolation = Isolation(site, "exit 3");

        isolation.Look();
        isolation.Look();

        site.Notices.Should().ContainSingle().Which.Should().StartWith("shout: 2 samples or variants were in model calls");
    }

    private static Task<Tests.Transport.Deliveries> Deliveries(FlowSite site) =>
        Tests.Transport.Deliveries.OfAsync(site.Transport, FlowSite.Queue);

    private static string Folder(FlowSite site) => site.PathOf("crashes/shout/0f");

    private static string Starts(FlowSite site) => site.PathOf("starts");

    private static void Suspect(FlowSite site, params string[] samples)
    {
        DeadProcess.Leave(Folder(site), [.. samples.Select(sample => DeadProcess.Item(sample))]);
        DeadProcess.Leave(Folder(site), [.. samples.Select(sample => DeadProcess.Item(sample))]);
    }

    /// <summary>With a child that is a line of shell.</summary>
    private static StageIsolation Isolation(FlowSite site, string child, TimeSpan? limit = null) =>
        new(
            new IsolatedSite
            {
                Run = FlowSite.Run,
                Seed = 7,
                Pipeline = "",
                Stage = FlowSite.Stage,
                Fingerprint = "0f",
                Input = "",
                InputRoot = "",
                ClassNames = [],
                Output = site.Store.Root,
                Artifacts = [],
            },
            new ChildProgram("/bin/sh", ["-c", child]) { Limit = limit ?? TimeSpan.FromSeconds(30) },
            site.Store,
            TimeProvider.System,
            site.Notices.Enqueue
        );

    private static Task<RunningGraph> StartAsync(
        FlowSite site,
        Shout shout,
        StageIsolation isolation,
        FlowOptions? options = null,
        bool look = true
    )
    {
        if (look)
        {
            isolation.Look();
        }

        return site.StartAsync(shout, options ?? OneCall, site.Context() with { Isolation = isolation });
    }
}
