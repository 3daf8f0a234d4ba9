using Pipeline.Shards;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Tests.Runs.Cluster;

public sealed class LiveHostsTests
{
    [Fact]
    public async Task A_side_branch_added_while_hosts_work_has_its_column_in_the_data_set()
    {
        await using var cluster = new ClusterFixture(samples: 60);
        cluster.Host("all");
        cluster.Host("helper", "caption", "edit");
        var submission = await cluster.SubmitAsync();
        await cluster.UntilAsync(() => Task.FromResult(Shards(cluster, submission, "caption") > 3));

        await ChangeAsync(cluster, submission, TopologyFrom.Start, Branched);
        var end = await cluster.EndAsync(submission);

        end.Fault.Should().BeNull();
        end.Accounts.Should().NotBeEmpty().And.OnlyContain(account => account.Closes);
        Shards(cluster, submission, "more").Should().Be(30);
        cluster.HasSaid($"{submission.Run} has topology version 2: change it").Should().BeTrue();
        (await ColumnAsync(cluster, submission, "more_caption")).Should().NotContainNulls().And.NotBeEmpty();
    }

    [Fact]
    public async Task A_stage_that_no_host_serves_is_said_to_wait_and_the_run_ends_when_one_comes()
    {
        await using var cluster = new ClusterFixture(samples: 8);
        cluster.Host("leader", "ingest", "caption", "describe", "filter", "select", "export", "train");
        var submission = await cluster.SubmitAsync();

        await cluster.UntilAsync(async () => await StateAsync(cluster, submission, "edit") == "waiting for a host that serves it");
        cluster.Host("late", "edit");
        var end = await cluster.EndAsync(submission);

        end.Fault.Should().BeNull();
        Shards(cluster, submission, "edit").Should().Be(4);
    }

    [Fact]
    public async Task A_change_stays_when_another_host_leads_and_when_the_run_is_asked_for_again()
    {
        await using var cluster = new ClusterFixture(samples: 60);
        var stop = cluster.Host("first");
        var submission = await cluster.SubmitAsync();
        await cluster.UntilAsync(() => Task.FromResult(Shards(cluster, submission, "caption") > 3));
        await ChangeAsync(cluster, submission, TopologyFrom.Start, Branched);

        cluster.Host("second");
        await stop();
        var end = await cluster.EndAsync(submission);
        await cluster.UntilAsync(async () =>
            (await cluster.Store.FindAsync(submission.Run, CancellationToken.None)).Wanted == WantedState.Closing
        );
        var again = await cluster.SubmitAsync();

        end.Fault.Should().BeNull();
        Shards(cluster, submission, "more").Should().Be(30);
        again.Run.Should().Be(submission.Run);
        (await cluster.Store.PipelineAsync(again.Run, CancellationToken.None)).Find("more").Should().NotBeNull();
    }

    /// <summary>With one more stage that captions, beside the line, and export after it.</summary>
    private static PipelineDefinition Branched(PipelineDefinition pipeline) =>
        pipeline with
        {
            Stages =
            [
                .. pipeline.Stages.Select(stage => stage.Name == "export" ? stage with { After = ["select", "more"] } : stage),
                pipeline.Find("caption")! with
                {
                    Name = "more",
                },
            ],
        };

    private static Task<TopologyVersion> ChangeAsync(
        ClusterFixture cluster,
        Submission submission,
        TopologyFrom from,
        Func<PipelineDefinition, PipelineDefinition> edit
    ) =>
        cluster.Submitter.ChangeAsync(
            submission.Run,
            new WantedChange("change it", from, now => (edit(now.Pipeline), now.Paused)),
            "test",
            TimeProvider.System,
            CancellationToken.None
        );

    private static int Shards(ClusterFixture cluster, Submission submission, string stage)
    {
        var folder = Path.Combine(cluster.Store.Output(submission.Run), "runs", submission.Run, stage);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "0*.parquet").Length : 0;
    }

    private static async Task<string?> StateAsync(ClusterFixture cluster, Submission submission, string stage) =>
        (await cluster.Store.ProgressAsync(submission.Run, CancellationToken.None))
            ?.Progress.Stages.FirstOrDefault(other => other.Stage == stage)
            ?.State;

    private static async Task<IReadOnlyList<string?>> ColumnAsync(ClusterFixture cluster, Submission submission, string column)
    {
        var store = new Pipeline.Shards.Stores.FolderStore(cluster.Store.Output(submission.Run));
        var values = new List<string?>();
        foreach (var uri in (await store.ListAsync("augmented/train")).Where(uri => uri.EndsWith(".parquet", StringComparison.Ordinal)))
        {
            var file = await ShardFile.ReadAsync(store, uri, ["variant_id", column]);
            values.AddRange(
                file.Get<string?>("variant_id").Zip(file.Get<string?>(column)).Where(row => row.First is null).Select(row => row.Second)
            );
        }

        return values;
    }
}
