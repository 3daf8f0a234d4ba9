using Pipeline.Stages.Caption;
using Pipeline.Stages.Describe;
using Pipeline.Stages.Edit;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Ingest;

namespace Pipeline.Stages.Tests.Runs;

public sealed class RunAccountsTests
{
    private const string Prompts = "prompts: ['a {} in fog', 'a {} at night', 'a {} in snow']";

    /// <summary>12 files of one class in batches of 4: 0001 is text, 0002 is cut short, the last batch fails where a test says so.</summary>
    private static ServedRun Spoilt() => new(["a"], input => input.WithSpoilt("a"));

    [Fact]
    public async Task Rejected_undecodable_and_failed_samples_and_all_their_edits_are_accounted_for()
    {
        using var run = Spoilt();
        var broken = new WordKind("word", uri => uri.CompareTo("a/0008.png") >= 0 ? throw new InvalidOperationException("broken") : uri);
        IStageKind[] kinds = EditingKinds.With(broken);
        var end = await run.ServeAsync(
            $"pipeline: p\nstages: {{ ingest: {{ batch: 4 }}, caption: {{}}, word: {{}}, describe: {{ after: caption }}, edit: {{ after: word, {Prompts} }}, constant: {{ after: ingest }}, filter: {{ after: edit }}, select: {{}}, export: {{}} }}",
            kinds,
            maxFailed: 100
        );

        var accounts = await RunAccounts.CountAsync(run.Served!, CancellationToken.None);

        end.Should().Be(new RunEnd(1, null));
        accounts[0]
            .Should()
            .BeEquivalentTo(
                new
                {
                    Of = "samples",
                    In = 12L,
                    Kept = 6L,
                    Quarantined = 2L,
                    Failed = 4L,
                    Difference = 0L,
                }
            );
        accounts[1]
            .Should()
            .BeEquivalentTo(
                new
                {
                    Of = "edits",
                    In = 33L,
                    Quarantined = 3L,
                    Failed = 12L,
                    Difference = 0L,
                }
            );
        (await RunAccounts.ReadAsync(run.Store, CancellationToken.None)).Should().BeEquivalentTo(accounts);
    }

    [Fact]
    public async Task Edits_that_nobody_selects_from_are_kept_as_far_as_the_last_stage_has_them()
    {
        using var run = Spoilt();
        var end = await run.ServeAsync(
            $"pipeline: p\nstages: {{ ingest: {{ batch: 4 }}, caption: {{}}, describe: {{}}, edit: {{ after: caption, {Prompts} }} }}",
            [new CaptionKind(), new DescribeKind(), new EditKind()]
        );

        var accounts = await RunAccounts.CountAsync(run.Served!, CancellationToken.None);

        end.Should().Be(new RunEnd(0, null));
        accounts[0]
            .Should()
            .BeEquivalentTo(
                new
                {
                    In = 12L,
                    Kept = 10L,
                    Quarantined = 2L,
                    Failed = 0L,
                    Difference = 0L,
                }
            );
        accounts[1]
            .Should()
            .BeEquivalentTo(
                new
                {
                    In = 33L,
                    Kept = 30L,
                    Quarantined = 3L,
                    Failed = 0L,
                    Difference = 0L,
                }
            );
    }
}
