using Pipeline.Shards;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Lineage;

namespace Pipeline.Stages.Tests.Runs.Lineage;

public sealed class LineageTests : IAsyncLifetime
{
    private readonly TracedRun run = new();

    public async ValueTask InitializeAsync() => await run.ServeAsync();

    public ValueTask DisposeAsync()
    {
        run.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Sample_is_found_by_path_by_id_and_by_six_digits_of_it_in_either_case()
    {
        var byPath = (await run.FindAsync("train/a/0003.png")).Matches[0];

        var byId = await run.FindAsync(byPath.SampleId!);
        var byDigits = await run.FindAsync(byPath.SampleId![..6]);
        var byCapitals = await run.FindAsync(byPath.SampleId[..6].ToUpperInvariant());
        var tooShort = await run.FindAsync(byPath.SampleId[..5]);

        new[] { byId, byDigits, byCapitals }.Should().AllSatisfy(match => match.Matches.Should().Equal(byPath));
        tooShort.Matches.Should().BeEmpty();
    }

    [Fact]
    public async Task Unknown_names_give_the_nearest_ones()
    {
        var id = (await run.FindAsync("train/a/0003.png")).Matches[0].SampleId!;

        var path = await run.FindAsync("train/a/003.png");
        var mistyped = await run.FindAsync(id[..^1] + (id[^1] == '0' ? '1' : '0'));

        path.Matches.Should().BeEmpty();
        path.Nearest[0].Should().Be("train/a/0003.png");
        mistyped.Matches.Should().BeEmpty();
        mistyped.Nearest[0].Should().Be(id);
    }

    [Fact]
    public async Task Variant_tells_prompt_score_verdict_reason_shard_and_parents()
    {
        var sample = await run.ReadAsync("train/a/0003.png");

        var records = new List<LineageRecord>();
        foreach (var variant in sample.Variants)
        {
            records.Add(await run.ReadAsync(variant.VariantId));
        }

        records.Should().HaveCount(3);
        foreach (var record in records)
        {
            var edit = record.Stages.Single(step => step.Stage == "edit");
            var filter = record.Stages.Single(step => step.Stage == "filter");
            record.Subject.SampleId.Should().Be(sample.Subject.SampleId);
            record.Subject.Uri.Should().Be("train/a/0003.png");
            edit.Options["backend"].Should().Be("procedural");
            edit.Values["prompt"].Should().BeOfType<string>().Which.Should().StartWith("a a ");
            edit.Values.Should().NotContainKey("image");
            edit.Artifacts.Should().Equal(new Dictionary<string, string>(StringComparer.Ordinal) { ["domains"] = "describe" });
            filter.Values["confidence"].Should().BeOfType<float>();
            filter.Shard!.Parents.Should().Contain($"edit={edit.Shard!.Content}");
            var footer = await ShardFile.ReadFooterAsync(run.Served.Store, edit.Shard.Uri);
            (footer!.Content, footer.Fingerprint).Should().Be((edit.Shard.Content, edit.Shard.Fingerprint));
        }
    }

    [Fact]
    public async Task Outcomes_of_all_variants_sum_to_the_runs_account()
    {
        var accounts = await RunAccounts.CountAsync(run.Served.Served!, CancellationToken.None);
        var variants = new List<LineageVariant>();
        for (var index = 0; index < 12; index++)
        {
            if (index != 1)
            {
                variants.AddRange((await run.ReadAsync($"train/a/{index:D4}.png")).Variants);
            }
        }

        var edits = accounts[1];

        variants.Count(variant => variant.Outcome == LineageState.Kept).Should().Be((int)edits.Kept);
        foreach (var (reason, count) in edits.Dropped)
        {
            variants
                .Count(variant => variant.Reason?.EndsWith($": {reason}", StringComparison.Ordinal) == true)
                .Should()
                .Be((int)count, reason);
        }
    }

    [Fact]
    public async Task Kept_edit_and_exported_original_say_in_which_file_they_lie()
    {
        var sample = await run.ReadAsync("train/a/0003.png");

        var export = sample.Stages.Single(step => step.Stage == "export");

        sample.Outcome.Should().Be(LineageState.Kept);
        export.State.Should().Be(LineageState.Kept);
        export.Values["file"].Should().Be("augmented/train-00000-of-00001.parquet");
    }

    [Fact]
    public async Task File_that_is_no_image_has_no_id_and_says_why()
    {
        var record = await run.ReadAsync("train/a/0001.png");

        record.Subject.SampleId.Should().BeNull();
        record.Outcome.Should().Be(LineageState.Quarantined);
        record.Reason.Should().StartWith("ingest: ");
        record.Stages.Single(step => step.Stage == "caption").State.Should().Be(LineageState.NotReached);
    }

    [Fact]
    public async Task Sample_that_a_stage_set_aside_says_where_and_why()
    {
        var record = await run.ReadAsync("train/a/0002.png");

        record.Subject.SampleId.Should().NotBeNull();
        record.Outcome.Should().Be(LineageState.Quarantined);
        record.Reason.Should().StartWith("caption: ");
        record.Stages.Single(step => step.Stage == "ingest").State.Should().Be(LineageState.Done);
        record.Stages.Single(step => step.Stage == "export").State.Should().Be(LineageState.NotReached);
    }

    [Fact]
    public async Task Sample_of_a_failed_batch_says_the_error()
    {
        var record = await run.ReadAsync("train/a/0009.png");

        record.Outcome.Should().Be(LineageState.Failed);
        record.Reason.Should().StartWith("word: ").And.Contain("broken");
        record.Stages.Single(step => step.Stage == "edit").State.Should().Be(LineageState.NotReached);
    }

    [Fact]
    public async Task Test_sample_is_not_edited_and_is_kept()
    {
        var record = await run.ReadAsync("test/a/0000.png");

        record.Outcome.Should().Be(LineageState.Kept);
        record.Variants.Should().BeEmpty();
        record.Stages.Single(step => step.Stage == "edit").State.Should().Be(LineageState.NoRow);
    }

    [Fact]
    public async Task Unfinished_run_says_what_is_not_there_yet()
    {
        foreach (var stage in new[] { "filter", "select" })
        {
            Directory.Delete(Path.Combine(run.Served.Output, "runs", ServedRun.Id, stage), recursive: true);
        }

        Directory.Delete(Path.Combine(run.Served.Output, "augmented"), recursive: true);

        var record = await run.ReadAsync("train/a/0003.png");

        record.Outcome.Should().Be(LineageState.NotYet);
        record.Reason.Should().Be("filter");
        foreach (var stage in new[] { "filter", "select", "export" })
        {
            record.Stages.Single(step => step.Stage == stage).State.Should().Be(LineageState.NotYet, stage);
        }

        record.Variants.Should().HaveCount(3).And.OnlyContain(variant => variant.Outcome == LineageState.NotYet);
    }
}
