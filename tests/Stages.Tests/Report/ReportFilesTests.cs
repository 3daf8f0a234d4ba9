using System.Text;
using Pipeline.Stages.Report;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Tests.Ingest;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Report;

public sealed class ReportFilesTests
{
    private const string Yaml = """
        pipeline: p
        stages:
          ingest: { batch: 4 }
          caption: {}
          describe: {}
          edit: { after: caption, prompts: ['a {} in fog', 'a {} at night'] }
          constant: { after: ingest }
          filter: { after: edit }
          select: {}
          export: {}
          report: { pairs: 7 }
        """;

    /// <summary>Six pictures of class a and four of class b, of which one is cut short; the classifier says a, at a confidence below its limit.</summary>
    private static ServedRun TwoClasses() =>
        new(
            ["a", "b"],
            input =>
            {
                for (var index = 0; index < 10; index++)
                    input.With($"{(index < 6 ? "a" : "b")}/{index:D4}.png", InputFolder.Png(16, 16, (byte)(index * 20)));
                input.With("b/0009.png", InputFolder.Png(16, 16, 7)[..^30]);
            }
        );

    [Fact]
    public async Task Stage_writes_page_markdown_and_facts_that_agree_with_the_shards()
    {
        using var run = TwoClasses();

        var end = await ServeAsync(run);

        end.Should().Be(new RunEnd(0, null));
        var facts = await ReportFiles.ReadFactsAsync(run.Store, CancellationToken.None);
        facts!.Data.Should().Equal(new SplitCount("train", "a", 6), new SplitCount("train", "b", 4));
        facts.Classes.Should().Equal(new FunnelRow("a", 12, 0, 0, 12, 6), new FunnelRow("b", 6, 0, 0, 6, 3));
        facts.Prompts.Select(row => (row.Name, row.Made)).Should().Equal(("a {} in fog", 9), ("a {} at night", 9));
        facts.Scores.Select(scores => scores.Limits.Single()).Should().Equal(0.75, 0.75);
        facts.Scores[0].Passed.Sum().Should().Be(12);
        facts
            .Accounts.Select(account => (account.Of, account.In, account.Quarantined))
            .Should()
            .Equal(("samples", 10, 1), ("edits", 20, 2));
        facts.Options.Should().Contain("filter.rule", "assigned").And.NotContainKey("report.pairs");
        var page = await TextAsync(run, ReportFiles.PageUri);
        page.Split("<img ").Should().HaveCount(1 + (2 * 7));
        page.Should().Contain("The bottleneck is").And.Contain("""<option value="1">a {} at night</option>""");
        (await TextAsync(run, ReportFiles.MarkdownUri)).Should().Contain("\n| all edits | 18 | 0 | 0 | 18 | 9 |\n");
    }

    [Fact]
    public async Task Report_made_anew_is_the_same_and_one_without_its_input_leaves_the_originals_out()
    {
        using var run = TwoClasses();
        await ServeAsync(run);
        var before = (
            await TextAsync(run, ReportFiles.PageUri),
            await TextAsync(run, ReportFiles.MarkdownUri),
            await TextAsync(run, ReportFiles.FactsUri)
        );

        await AnewAsync(run, run.Input.Path);
        var after = (
            await TextAsync(run, ReportFiles.PageUri),
            await TextAsync(run, ReportFiles.MarkdownUri),
            await TextAsync(run, ReportFiles.FactsUri)
        );
        await AnewAsync(run, Path.Combine(run.Input.Path, "moved"));

        after.Should().Be(before);
        (await TextAsync(run, ReportFiles.PageUri)).Split("the original is not where it was").Should().HaveCount(1 + 7);
    }

    [Fact]
    public async Task Facts_of_another_form_are_an_error_that_says_what_to_do()
    {
        using var run = new ServedRun(samples: 1);
        await run.Store.WriteAsync(ReportFiles.FactsUri, "[]"u8.ToArray());

        var read = () => ReportFiles.ReadFactsAsync(run.Store, CancellationToken.None);

        (await read.Should().ThrowAsync<InvalidDataException>()).WithMessage("*report.json is not the facts*pipeline report DIR");
        await run.Store.DeleteAsync(ReportFiles.FactsUri);
        (await read()).Should().BeNull();
    }

    private static Task<RunEnd> ServeAsync(ServedRun run) => run.ServeAsync(Yaml, EditingKinds.With(new ReportKind()));

    private static async Task AnewAsync(ServedRun run, string root) =>
        await ReportFiles.WriteAsync(
            new ReportSource(run.Store, ServedRun.Id, 0, run.Served!.Pipeline, root),
            new ReportOptions { Pairs = 7 },
            await RunAccounts.ReadAsync(run.Store, CancellationToken.None),
            CancellationToken.None
        );

    private static async Task<string> TextAsync(ServedRun run, string uri) => Encoding.UTF8.GetString(await run.Store.ReadAllAsync(uri));
}
