using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;

namespace Pipeline.Stages.Tests.Runs.Cluster;

public sealed class PipelineHostTests
{
    [Fact]
    public async Task Two_hosts_write_what_one_process_writes()
    {
        await using var cluster = new ClusterFixture(samples: 40);
        var expected = await cluster.EmbeddedFilesAsync();
        cluster.Host("all");
        cluster.Host("helper", "caption", "edit");

        var submission = await cluster.SubmitAsync();
        var end = await cluster.EndAsync(submission);

        end.Should()
            .BeEquivalentTo(
                new
                {
                    Run = submission.Run,
                    FailedBatches = 0,
                    Fault = (string?)null,
                }
            );
        end.Accounts.Should().NotBeEmpty().And.OnlyContain(account => account.Closes);
        ClusterFixture.Files(cluster.Store.Output(submission.Run)).Should().BeEquivalentTo(expected);
        cluster.HasSaid("helper: leads").Should().BeFalse();
    }

    [Fact]
    public async Task Host_that_begins_after_the_artifact_was_made_edits_too()
    {
        await using var cluster = new ClusterFixture(samples: 40);
        cluster.Host("leader", "ingest", "caption", "describe", "select", "export", "train");
        var submission = await cluster.SubmitAsync();
        await cluster.UntilAsync(() =>
            Task.FromResult(File.Exists(Path.Combine(cluster.Store.Output(submission.Run), "artifacts", "domains.json")))
        );

        cluster.Host("editor", "edit", "filter");
        var end = await cluster.EndAsync(submission);

        end.Fault.Should().BeNull();
    }

    [Fact]
    public async Task Host_for_stages_that_a_run_has_not_says_so()
    {
        await using var cluster = new ClusterFixture(samples: 4);
        cluster.Host("wrong", "captoin");

        await cluster.SubmitAsync();

        await cluster.UntilAsync(() => Task.FromResult(cluster.HasSaid("its stages are ingest, caption, describe")));
    }

    [Fact]
    public async Task Another_host_leads_when_the_leader_stops()
    {
        await using var cluster = new ClusterFixture(samples: 200);
        var expected = await cluster.EmbeddedFilesAsync();
        var stop = cluster.Host("first");
        var submission = await cluster.SubmitAsync();
        await cluster.UntilAsync(async () =>
            (await cluster.Store.ProgressAsync(submission.Run, CancellationToken.None))?.Progress.Stages[0].Done > 3
        );

        cluster.Host("second");
        await stop();
        var end = await cluster.EndAsync(submission);

        end.Fault.Should().BeNull();
        cluster.HasSaid("second: leads").Should().BeTrue();
        ClusterFixture.Files(cluster.Store.Output(submission.Run)).Should().BeEquivalentTo(expected);
    }

    [Fact]
    public async Task Paused_run_is_left_and_goes_on_when_resumed()
    {
        await using var cluster = new ClusterFixture(samples: 200);
        cluster.Host("host");
        var submission = await cluster.SubmitAsync();
        await cluster.UntilAsync(() => Task.FromResult(cluster.HasSaid("host: leads")));

        await cluster.Submitter.PauseAsync(submission.Run, CancellationToken.None);
        await cluster.UntilAsync(() => Task.FromResult(cluster.HasSaid($"host: left {submission.Run}")));
        var state = RunWatch.State(await cluster.Store.FindAsync(submission.Run, CancellationToken.None), null);
        var resumed = await cluster.Submitter.ResumeAsync(submission.Run, CancellationToken.None);
        var end = await cluster.EndAsync(resumed);

        state.Should().Be("paused");
        end.Fault.Should().BeNull();
        end.Accounts.Should().OnlyContain(account => account.Closes);
    }

    [Fact]
    public async Task Cancelled_run_ends_and_its_queues_go_and_it_can_be_submitted_again()
    {
        await using var cluster = new ClusterFixture(samples: 200);
        cluster.Host("host");
        var submission = await cluster.SubmitAsync();
        await cluster.UntilAsync(() => Task.FromResult(cluster.HasSaid("host: leads")));

        await cluster.Submitter.CancelAsync(submission.Run, CancellationToken.None);
        var end = await cluster.EndAsync(submission);
        var depth = async () => await cluster.Transport.DepthAsync(RunTopology.Lead(submission.Run), CancellationToken.None);
        await depth.Should().ThrowAsync<InvalidOperationException>();
        var again = await cluster.SubmitAsync();
        var ended = await cluster.EndAsync(again);

        end.Fault.Should().Be("it was cancelled.");
        again.Should().BeEquivalentTo(new { submission.Run, Sequence = 2 });
        ended.Fault.Should().BeNull();
    }

    [Fact]
    public async Task Run_that_could_not_be_led_to_its_end_is_led_again()
    {
        await using var cluster = new ClusterFixture(samples: 4);
        var submission = await cluster.SubmitAsync();
        var inTheWay = Directory.CreateDirectory(Path.Combine(cluster.Store.Output(submission.Run), "ledger.db"));
        cluster.Host("host");
        await cluster.UntilAsync(() => Task.FromResult(cluster.HasSaid("could not be led")));

        inTheWay.Delete();
        var end = await cluster.EndAsync(submission);

        end.Fault.Should().BeNull();
    }

    [Fact]
    public async Task Finished_run_leaves_no_queue_behind()
    {
        await using var cluster = new ClusterFixture(samples: 4);
        cluster.Host("host");
        var submission = await cluster.SubmitAsync();
        await cluster.EndAsync(submission);

        await cluster.UntilAsync(async () =>
        {
            try
            {
                await cluster.Transport.DepthAsync(RunTopology.Ledger(submission.Run), CancellationToken.None);
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        });
        var again = await cluster.SubmitAsync();

        again.Wanted.Should().Be(WantedState.Closed, "nothing has changed");
    }

    [Fact]
    public async Task Run_that_is_served_is_found_by_the_same_question_and_refused_with_other_settings()
    {
        await using var cluster = new ClusterFixture(samples: 4);
        var submission = await cluster.SubmitAsync();

        var same = await cluster.SubmitAsync();
        var other = () => cluster.SubmitAsync("ingest.batch=3");

        same.Should().BeEquivalentTo(submission);
        await other.Should().ThrowAsync<InvalidDataException>().WithMessage($"{submission.Run} is being served with other settings;*");
    }

    [Fact]
    public async Task Host_that_does_not_serve_all_that_is_done_once_a_run_does_not_lead()
    {
        await using var cluster = new ClusterFixture(samples: 4);
        cluster.Host("helper", "ingest", "caption", "describe", "edit", "filter", "select");
        var submission = await cluster.SubmitAsync();
        await cluster.UntilAsync(() => Task.FromResult(cluster.HasSaid($"helper: serves {submission.Run}")));

        cluster.Host("leader", "ingest", "describe", "select", "export", "train");
        var end = await cluster.EndAsync(submission);

        end.Fault.Should().BeNull();
        cluster.HasSaid("helper: leads").Should().BeFalse();
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("../other")]
    [InlineData("")]
    public async Task What_was_not_submitted_cannot_be_paused(string run)
    {
        await using var cluster = new ClusterFixture(samples: 1);

        var pause = () => cluster.Submitter.PauseAsync(run, CancellationToken.None);

        await pause.Should().ThrowAsync<InvalidDataException>().WithMessage($"{run} is not a run of*");
    }
}
