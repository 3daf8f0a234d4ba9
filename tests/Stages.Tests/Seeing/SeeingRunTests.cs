using System.Globalization;
using System.Text;
using Pipeline.Models;
using Pipeline.Shards.Records;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Tests.Export;
using Pipeline.Stages.Tests.Ingest;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Seeing;

public sealed class SeeingRunTests
{
    private const string Edits = "prompts: ['a photo of a {} in fog', 'a photo of a {} at night']";

    private static readonly RunEnd Good = new(0, null);

    private static string Stages(params string[] stages) => $"pipeline: p\nstages:\n  {string.Join("\n  ", stages)}";

    [Fact]
    public async Task Every_check_over_the_birds_with_real_models_closes_the_account_and_is_not_done_twice()
    {
        using var run = new ServedRun(["landbird", "waterbird"], SeeingRun.Birds);
        var model = $"model: '{SeeingRun.TinyClip}'";
        var yaml = Stages(
            "ingest: { batch: 3 }",
            "hash: { after: ingest }",
            "safety-originals: { after: ingest }",
            $"embed: {{ after: ingest, {model} }}",
            $"semantic-originals: {{ after: embed, tasks: [a photo of a bird], {model} }}",
            "caption: { after: embed }",
            "describe: { after: caption }",
            $"edit: {{ after: caption, {Edits} }}",
            $"embed-edits: {{ after: edit, {model} }}",
            $"semantic: {{ after: embed-edits, tasks: [a photo of a bird], {model} }}",
            "quality: { after: semantic }",
            "safety: { after: quality }",
            "hash-edits: { after: safety }",
            "duplicates: { after: [hash, hash-edits, embed, embed-edits], cosine: null }",
            "constant: { after: ingest }",
            "filter: { after: hash-edits }",
            "select: { after: [filter, duplicates], variantZeroOnly: false, perSource: 2 }",
            "export: { after: [select, safety-originals, semantic-originals] }",
            "report: { after: export }"
        );

        var end = await run.ServeAsync(yaml, SeeingRun.Kinds());
        var accounts = await RunAccounts.CountAsync(run.Served!, CancellationToken.None);
        var before = Written(run);
        var again = await run.ServeAsync(yaml, SeeingRun.Kinds());

        end.Should().Be(Good);
        accounts.Should().OnlyContain(account => account.Closes, string.Join('\n', accounts));
        accounts[0].Dropped.Should().ContainSingle().Which.Should().Be(KeyValuePair.Create("duplicates_test", 1L));
        accounts[1].Dropped["source_duplicates_test"].Should().Be(2);
        again.Should().Be(Good);
        Written(run).Should().Equal(before);
        Report(run)
            .Should()
            .Contain("## Checks")
            .And.NotContain("pairs across training and other splits 0,")
            .And.Contain("dropped from training: originals 1,")
            .And.Contain("Health of the semantic filter");
        Embeddings(run).Should().Equal(8L, 24L, "FLOAT[]");
        ExportedColumns(run)
            .Should()
            .Contain(["semantic_score", "semantic_verdict", "quality_sharpness", "safety_verdict", "safety-originals_flagged"])
            .And.NotContain(column => column.Contains("embedding", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verdicts_are_the_same_whether_a_stage_before_embeds_the_images_or_the_check_does()
    {
        using var with = new ServedRun(["landbird", "waterbird"], SeeingRun.Birds);
        using var without = new ServedRun(["landbird", "waterbird"], SeeingRun.Birds);
        var model = $"model: '{SeeingRun.TinyClip}'";
        string[] checks =
        [
            $"semantic: {{ tasks: [a photo of a bird], {model} }}",
            $"quality: {{ aesthetic: '{SeeingRun.TinyClip}', {model} }}",
        ];
        var embedded = new FakeEncoder();
        var alone = new FakeEncoder();

        var one = await with.ServeAsync(
            Stages([
                "ingest: { batch: 3 }",
                $"embed: {{ {model} }}",
                "caption: {}",
                "describe: {}",
                $"edit: {{ after: caption, {Edits} }}",
                $"embed-edits: {{ {model} }}",
                .. checks,
            ]),
            SeeingRun.Kinds((_, _) => embedded, scorer: new FakeScorer())
        );
        var two = await without.ServeAsync(
            Stages(["ingest: { batch: 3 }", "caption: {}", "describe: {}", $"edit: {{ after: caption, {Edits} }}", .. checks]),
            SeeingRun.Kinds((_, _) => alone, scorer: new FakeScorer())
        );

        (one, two).Should().Be((Good, Good));
        (await SeeingRun.ContentsAsync(with, "semantic"))
            .Should()
            .NotBeEmpty()
            .And.Equal(await SeeingRun.ContentsAsync(without, "semantic"));
        (await SeeingRun.ContentsAsync(with, "quality")).Should().NotBeEmpty().And.Equal(await SeeingRun.ContentsAsync(without, "quality"));
        embedded.Images.Should().Be(8 + 10, "eight originals and ten edits are embedded once");
        alone.Images.Should().BeGreaterThan(embedded.Images);
    }

    [Fact]
    public async Task A_flagged_edit_is_made_again_with_another_seed_and_never_exported_when_it_stays_flagged()
    {
        using var run = new ServedRun(["landbird", "waterbird"], SeeingRun.Birds);
        var yaml = Stages(
            "ingest: { batch: 3 }",
            "safety-originals: { after: ingest }",
            "caption: { after: ingest }",
            "describe: {}",
            "edit: { after: caption, prompts: ['a photo of a {} in fog', 'a photo of a {} in snow', 'a photo of a {} in rain'], variants: 4, remake: 2, checker: 'builtin:nsfw-mobilenet-v2' }",
            "safety: {}",
            "constant: { after: ingest }",
            "filter: { after: safety }",
            "select: { variantZeroOnly: false, perSource: 64 }",
            "export: { after: [select, safety-originals] }"
        );

        var end = await run.ServeAsync(yaml, SeeingRun.Kinds(checker: (_, _) => new FakeChecker(1, 2)));
        var edits = await RowsAsync<AttemptRow>(run, "edit");
        var verdicts = (await RowsAsync<VerdictRow>(run, "safety")).ToDictionary(row => row.VariantId, row => row.Verdict);
        var selected = (await RowsAsync<SelectedRow>(run, "select")).Select(row => row.VariantId).ToHashSet();
        var account = (await RunAccounts.CountAsync(run.Served!, CancellationToken.None))[1];

        end.Should().Be(Good);
        edits.Should().HaveCount(60).And.OnlyContain(row => row.Attempt == "0" || row.Attempt == "1" || row.Attempt == "2");
        edits.Select(row => row.Attempt).Distinct().Should().BeEquivalentTo("0", "1", "2");
        edits.Where(row => row.Attempt != "2").Should().OnlyContain(row => verdicts[row.VariantId] == "keep");
        verdicts.Where(row => row.Value == "unsafe").Should().NotBeEmpty().And.OnlyContain(row => !selected.Contains(row.Key));
        account.Closes.Should().BeTrue(account.ToString());
        account.Dropped["unsafe"].Should().Be(verdicts.Count(row => row.Value == "unsafe"));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Flagged_edits_are_not_shown_in_the_report(int flagged, bool shown)
    {
        using var run = new ServedRun(["landbird", "waterbird"], SeeingRun.Birds);
        var yaml = Stages(
            "ingest: { batch: 3 }",
            "caption: { after: ingest }",
            "describe: {}",
            $"edit: {{ after: caption, {Edits} }}",
            "safety: {}",
            "constant: { after: ingest }",
            "filter: { after: safety }",
            "select: {}",
            "export: {}",
            "report: { after: export }"
        );

        var end = await run.ServeAsync(yaml, SeeingRun.Kinds(checker: (_, _) => new FakeChecker(flagged, 1)));
        var page = File.ReadAllText(Path.Combine(run.Output, "report", "index.html"), Encoding.UTF8);

        end.Should().Be(Good);
        page.Contains("There are no edits to show.", StringComparison.Ordinal).Should().Be(!shown);
        page.Contains("<figure class=\"pair", StringComparison.Ordinal).Should().Be(shown);
    }

    [Fact]
    public async Task Without_remake_edits_have_no_column_of_attempts()
    {
        using var run = new ServedRun(["landbird", "waterbird"], SeeingRun.Birds);

        var end = await run.ServeAsync(
            Stages("ingest: {}", "caption: {}", "describe: {}", $"edit: {{ after: caption, {Edits} }}"),
            SeeingRun.Kinds()
        );

        end.Should().Be(Good);
        var columns = await Shards.ShardFile.ReadSchemaAsync(
            run.Store,
            Shards.ShardNames.Uri(ServedRun.Id, "edit", 0),
            CancellationToken.None
        );
        columns
            .Select(column => column.Name)
            .Should()
            .Equal("sample_id", "variant_id", "prompt", "prompt_index", "variant", "strength", "image");
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(99, false)]
    public async Task Edits_are_ranked_among_a_hundred_training_originals_and_not_among_fewer(int originals, bool good)
    {
        using var run = new ServedRun(["a", "b"], input => Colours(input, originals));
        var yaml = Stages(
                "ingest: {}",
                "embed: { model: a/b }",
                "caption: {}",
                "describe: {}",
                "edit: { after: caption, prompts: ['a photo of a {} at night'] }",
                "embed-edits: { model: a/b }",
                "giqa: { minPercentile: 50 }",
                "constant: { after: ingest }",
                "filter: { after: embed-edits }",
                "select: { after: [filter, giqa] }"
            )
            .Replace("a/b", SeeingRun.TinyClip, StringComparison.Ordinal);

        var end = await run.ServeAsync(yaml, SeeingRun.Kinds((_, _) => new FakeEncoder()), maxFailed: 100);

        if (!good)
        {
            end.Should().NotBe(Good);
            return;
        }

        end.Should().Be(Good);
        var ranks = await RowsAsync<RankRow>(run, "giqa");
        ranks.Should().HaveCount(originals).And.OnlyContain(row => row.Percentile >= 0 && row.Percentile <= 100);
        ranks.Should().OnlyContain(row => row.Verdict == (row.Percentile < 50 ? "low_rank" : "keep"));
        var account = (await RunAccounts.CountAsync(run.Served!, CancellationToken.None))[1];
        account.Closes.Should().BeTrue(account.ToString());
        account.Dropped.GetValueOrDefault("low_rank").Should().Be(ranks.Count(row => row.Verdict == "low_rank"));
        File.ReadAllText(Path.Combine(run.Output, "runs", ServedRun.Id, "giqa", "giqa.json")).Should().Contain("golden/clip/model");
    }

    private static void Colours(InputFolder input, int count)
    {
        for (var index = 0; index < count; index++)
        {
            input.With(string.Create(CultureInfo.InvariantCulture, $"a/{index:D4}.png"), InputFolder.Png(16, 16, (byte)(index * 2 + 20)));
        }
    }

    private static SortedDictionary<string, DateTime> Written(ServedRun run) =>
        new(
            Directory
                .GetFiles(run.Output, "*.parquet", SearchOption.AllDirectories)
                .ToDictionary(path => Path.GetRelativePath(run.Output, path), File.GetLastWriteTimeUtc),
            StringComparer.Ordinal
        );

    private static string Report(ServedRun run) => File.ReadAllText(Path.Combine(run.Output, "report", "report.md"), Encoding.UTF8);

    private static object?[] Embeddings(ServedRun run) =>
        DuckDbReader.Query(
            $"select count(*), min(len(embedding)), min(typeof(embedding)) from '{run.Output}/runs/{ServedRun.Id}/embed/*.parquet'"
        )[0];

    private static IEnumerable<string> ExportedColumns(ServedRun run) =>
        DuckDbReader.Query($"describe select * from '{run.Output}/augmented/*.parquet'").Select(row => (string)row[0]!);

    private static async Task<List<T>> RowsAsync<T>(ServedRun run, string stage)
        where T : notnull
    {
        var rows = new List<T>();
        await foreach (var (_, some) in run.Shards.ReadAllAsync<T>(stage, CancellationToken.None))
        {
            rows.AddRange(some);
        }

        return rows;
    }

    private sealed record AttemptRow(string VariantId, string? Attempt);

    private sealed record VerdictRow(string VariantId, string Verdict);

    private sealed record SelectedRow(string VariantId);

    private sealed record RankRow(string VariantId, string Verdict, float Percentile);

    private sealed class FakeScorer : IQualityScorer
    {
        public string Architecture => "fake";

        public float Score(ReadOnlySpan<float> embedding) => 10 * embedding[0];
    }
}
