using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Tests.Flow;
using Pipeline.Stages.Tests.Ingest;

namespace Pipeline.Stages.Tests.Runs;

public sealed class RunEngineTests
{
    [Fact]
    public async Task Every_batch_passes_every_stage_and_the_whole_stage_works_once_at_the_end()
    {
        using var run = new ServedRun(samples: 10);
        var first = new WordKind("first", uri => uri);
        var second = new WordKind("second", uri => uri + "!");
        var sum = new SumKind(async _ => new WholeResult((await run.WordsAsync("second")).Count, []));

        var end = await run.ServeAsync(
            "pipeline: p\nstages: { ingest: { batch: 4 }, first: {}, second: {}, sum: { after: [first, second] } }",
            [first, second, sum]
        );

        end.Should().Be(new RunEnd(0, null));
        (await run.WordsAsync("second")).Should().Equal(Enumerable.Range(0, 10).Select(index => $"a/{index:D4}.png!"));
        sum.Times.Should().Be(1);
        run.Last!.Stages.Should().OnlyContain(stage => stage.State == "done");
        run.Last.Stages.Select(stage => stage.Items).Should().Equal(10, 10, 10, 10);
    }

    [Fact]
    public async Task A_run_whose_stage_stays_stopped_ends_with_the_reason_and_what_to_do()
    {
        using var run = new ServedRun(samples: 160) { Clock = new NoPauses() };
        var broken = new WordKind("broken", _ => throw new ArithmeticException("the model is gone"));

        var end = await run.ServeAsync("pipeline: p\nstages: { ingest: { batch: 2 }, broken: {} }", [broken], maxFailed: 100);

        const string reason = " batches in a row failed, the last with ArithmeticException: the model is gone";
        end.Fault.Should()
            .Match($"broken is stopped: *{reason}. It was tried * times since, in vain. Mend the cause and run the same command again.");
        end.FailedBatches.Should().BeInRange(FlowOptions.DefaultFailuresInRow, 79);
        run.Last!.Stages[1].State.Should().Match($"stopped: *{reason}");
    }

    [Fact]
    public async Task A_closed_gate_never_holds_up_ingest_whose_bound_is_2_batches_of_100()
    {
        using var run = new ServedRun(samples: 100);
        var before = new WordKind("before", uri => uri);
        var gated = new WordKind("gated", uri => uri, "key");
        var after = new WordKind("after", uri => uri);

        var end = await run.ServeAsync(
            "pipeline: p\nstages: { ingest: { batch: 1, unfinished: 2 }, before: {}, key: {}, gated: { after: before }, after: {} }",
            [before, MakesArtifactKind.Key(), gated, after]
        );

        end.Should().Be(new RunEnd(0, null));
        (await run.WordsAsync("after")).Should().HaveCount(100);
    }

    [Fact]
    public async Task Served_again_no_model_is_called()
    {
        using var run = new ServedRun(samples: 9);
        const string Yaml = "pipeline: p\nstages: { ingest: { batch: 4 }, first: {} }";
        await run.ServeAsync(Yaml, [new WordKind("first", uri => uri)]);
        var again = new WordKind("first", uri => uri);

        var end = await run.ServeAsync(Yaml, [again]);

        end.Should().Be(new RunEnd(0, null));
        again.Calls.Should().Be(0);
        run.Last!.Stages[1].Done.Should().Be(3);
    }

    [Fact]
    public async Task A_failed_batch_counts_as_finished_and_the_next_run_tries_it_again()
    {
        using var run = new ServedRun(samples: 12);
        const string Yaml = "pipeline: p\nstages: { ingest: { batch: 4 }, first: {}, second: {}, sum: {} }";
        var broken = new WordKind(
            "first",
            uri => uri is "a/0004.png" or "a/0005.png" or "a/0006.png" or "a/0007.png" ? throw new InvalidOperationException("broken") : uri
        );
        var second = new WordKind("second", uri => uri);
        var sum = new SumKind(_ => Task.FromResult(new WholeResult(1, [])));

        var end = await run.ServeAsync(Yaml, [broken, second, sum], maxFailed: 34);
        var failed = await run.Shards.FailedAsync("first", CancellationToken.None);
        var mended = await run.ServeAsync(Yaml, [new WordKind("first", uri => uri), second, sum]);

        end.Should().Be(new RunEnd(1, null));
        failed.Should().Equal(1);
        sum.Times.Should().Be(2);
        mended.Should().Be(new RunEnd(0, null));
        (await run.Shards.FailedAsync("first", CancellationToken.None)).Should().BeEmpty();
        (await run.WordsAsync("second")).Should().HaveCount(12);
    }

    [Theory]
    [InlineData(25, false)]
    [InlineData(24.9, true)]
    public async Task More_failed_batches_than_allowed_stop_the_run(double maxFailed, bool stopped)
    {
        using var run = new ServedRun(samples: 16);
        var broken = new WordKind("first", uri => uri.CompareTo("a/0012.png") >= 0 ? throw new InvalidOperationException("broken") : uri);

        var end = await run.ServeAsync("pipeline: p\nstages: { ingest: { batch: 4 }, first: {} }", [broken], maxFailed);

        end.FailedBatches.Should().Be(1);
        (end.Fault ?? "none").Should().Match(stopped ? "1 of 4 batches failed; at most 24.9 percent may (--max-failed).*" : "none");
    }

    [Fact]
    public async Task A_whole_stage_that_throws_ends_the_run_with_its_error()
    {
        using var run = new ServedRun(samples: 2);
        var sum = new SumKind(_ => throw new InvalidOperationException("there is nothing to add"));

        var end = await run.ServeAsync("pipeline: p\nstages: { ingest: {}, sum: {} }", [sum]);

        end.Fault.Should().Be("sum failed: there is nothing to add");
        (await run.Shards.FailedAsync("sum", CancellationToken.None)).Should().Equal(0);
    }

    [Fact]
    public async Task A_whole_stage_works_again_only_when_something_before_it_changed_or_what_it_wrote_is_gone()
    {
        using var run = new ServedRun(samples: 8);
        const string Yaml = "pipeline: p\nstages: { ingest: { batch: 4 }, first: {}, sum: {} }";
        var sum = new SumKind(async site =>
        {
            await site.Run.Store.WriteAsync("sum.txt", "8"u8.ToArray());
            return new WholeResult(1, ["sum.txt"]);
        });

        await run.ServeAsync(Yaml, [new WordKind("first", uri => uri), sum]);
        await run.ServeAsync(Yaml, [new WordKind("first", uri => uri), sum]);
        var unchanged = sum.Times;
        run.Input.With("a/0003.png", InputFolder.Png(5, 5));
        await run.ServeAsync(Yaml, [new WordKind("first", uri => uri), sum]);
        var changed = sum.Times;
        await run.Store.DeleteAsync("sum.txt");
        await run.ServeAsync(Yaml, [new WordKind("first", uri => uri), sum]);

        unchanged.Should().Be(1);
        changed.Should().Be(2);
        sum.Times.Should().Be(3);
    }

    [Fact]
    public async Task A_file_with_measurements_may_have_any_length_and_must_be_there()
    {
        using var run = new ServedRun(samples: 2);
        const string Yaml = "pipeline: p\nstages: { ingest: {}, sum: {} }";
        var sum = new SumKind(async site =>
        {
            await site.Run.Store.WriteAsync("sum.txt", "8"u8.ToArray());
            await site.Run.Store.WriteAsync("times.txt", "3 s"u8.ToArray());
            return new WholeResult(1, ["sum.txt"]) { Measured = ["times.txt"] };
        });

        await run.ServeAsync(Yaml, [sum]);
        await run.Store.WriteAsync("times.txt", "11 s"u8.ToArray());
        await run.ServeAsync(Yaml, [sum]);
        var otherLength = sum.Times;
        await run.Store.DeleteAsync("times.txt");
        await run.ServeAsync(Yaml, [sum]);

        otherLength.Should().Be(1);
        sum.Times.Should().Be(2);
    }

    [Fact]
    public async Task Every_stage_leaves_the_time_of_its_work()
    {
        using var run = new ServedRun(samples: 6);
        var sum = new SumKind(_ => Task.FromResult(new WholeResult(6, [])));

        await run.ServeAsync("pipeline: p\nstages: { ingest: { batch: 4 }, first: {}, sum: {} }", [new WordKind("first", uri => uri), sum]);

        var logs = new List<WorkLog?>();
        foreach (
            var uri in (await run.Store.ListAsync($"runs/{ServedRun.Id}")).Where(uri =>
                uri.EndsWith(WorkLog.Ending, StringComparison.Ordinal)
            )
        )
        {
            logs.Add(await WorkLog.ReadAsync(run.Store, uri, CancellationToken.None));
        }

        logs.Select(log => $"{log?.Stage}/{log?.Batch}: {log?.Rows}")
            .Should()
            .Equal("first/0: 4", "first/1: 2", "ingest/0: 4", "ingest/1: 2", "sum/0: 6");
        logs.Should().OnlyContain(log => log != null && log.Seconds >= 0 && log.At > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task Stopped_in_the_middle_the_next_run_does_only_the_rest()
    {
        using var run = new ServedRun(samples: 40);
        using var stop = new CancellationTokenSource();
        const string Yaml = "pipeline: p\nstages: { ingest: { batch: 4 }, first: {} }";
        var seen = 0;
        var first = new WordKind(
            "first",
            uri =>
            {
                if (Interlocked.Increment(ref seen) == 20)
                {
                    stop.Cancel();
                }

                return uri;
            }
        );

        var serve = () => run.ServeAsync(Yaml, [first], stop: stop.Token);
        await serve.Should().ThrowAsync<OperationCanceledException>();
        var done = (await run.Shards.BatchesAsync("first", CancellationToken.None)).Count;
        var rest = new WordKind("first", uri => uri);
        var end = await run.ServeAsync(Yaml, [rest]);

        end.Should().Be(new RunEnd(0, null));
        done.Should().BeLessThan(10);
        rest.Calls.Should().BeLessThanOrEqualTo(10 - done);
        (await run.WordsAsync("first")).Should().HaveCount(40);
    }
}
