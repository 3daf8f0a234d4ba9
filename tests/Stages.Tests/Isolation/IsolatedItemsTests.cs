using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Isolation;

public sealed class IsolatedItemsTests : IDisposable
{
    private const string Yaml = "pipeline: words\nstages:\n  ingest: { batch: 2 }\n  word: { after: ingest }\n";
    private readonly ServedRun run = new(4);
    private readonly WordKind kind = new(
        "word",
        uri => uri.EndsWith("0003.png", StringComparison.Ordinal) ? throw new ArithmeticException(uri) : uri
    );

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task Row_of_an_item_tried_alone_is_the_one_that_the_stage_wrote()
    {
        var site = await ServeAsync();
        var written = await run.Shards.ReadAsync<WordRow>("word", 0, CancellationToken.None);

        var answers = await AskAsync(site, await ItemAsync(0, 1), await ItemAsync(0, 0));

        answers.Should().HaveCount(3).And.OnlyContain(answer => answer.Fault == null && answer.Kind == null);
        (await RowsAsync("0-1")).Should().Equal(written[1]);
        (await RowsAsync("0-0")).Should().Equal(written[0]);
    }

    [Fact]
    public async Task Item_that_the_model_refuses_is_answered_as_it_stands_in_quarantine()
    {
        var site = await ServeAsync();
        var quarantined = (await run.Shards.QuarantineAsync("word", CancellationToken.None)).Single();

        var answers = await AskAsync(site, await ItemAsync(1, 1));

        answers[1]
            .Should()
            .Be(
                new IsolatedAnswer
                {
                    Kind = quarantined.Kind,
                    Message = quarantined.Message,
                    Refused = true,
                }
            );
    }

    [Fact]
    public async Task Item_that_is_another_one_is_not_tried()
    {
        var site = await ServeAsync();
        var calls = kind.Calls;

        var answers = await AskAsync(site, await ItemAsync(0, 1) with { SampleId = "other" });

        answers[1].Fault.Should().Contain("it must be other");
        kind.Calls.Should().Be(calls);
    }

    [Fact]
    public async Task Stage_whose_fingerprint_is_another_one_does_not_begin()
    {
        var site = await ServeAsync();

        var answers = await AskAsync(site with { Fingerprint = "00" });

        answers.Should().ContainSingle().Which.Fault.Should().Contain("it must be 00");
    }

    [Fact]
    public async Task Child_whose_parent_goes_while_it_works_is_told()
    {
        var site = await ServeAsync();
        using var working = new SemaphoreSlim(0);
        var orphaned = new TaskCompletionSource();
        var slow = new WordKind(
            "word",
            uri =>
            {
                orphaned.Task.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue();
                return uri;
            }
        );
        using var input = new StringReader($"{Line(site)}\n{Line(await ItemAsync(0, 0))}\n");
        using var output = new StringWriter();

        await IsolatedItems.ServeAsync(input, output, Catalog(slow), orphaned.SetResult, CancellationToken.None);

        orphaned.Task.IsCompletedSuccessfully.Should().BeTrue();
    }

    private static StageCatalog Catalog(WordKind word) => new([new IngestKind(), word]);

    private static string Line<T>(T value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);

    private async Task<IsolatedSite> ServeAsync()
    {
        await run.ServeAsync(Yaml, [kind]);
        var served = run.Served!;
        return IsolatedSite.Of(new StageSite(served, served.Pipeline.Stages.Single(stage => stage.Name == "word"), new StageMeter()));
    }

    private async Task<List<IsolatedAnswer>> AskAsync(IsolatedSite site, params IsolatedItem[] items)
    {
        using var input = new StringReader(string.Concat(items.Select(item => Line(item) + "\n").Prepend(Line(site) + "\n")));
        using var output = new StringWriter();
        await IsolatedItems.ServeAsync(input, output, Catalog(kind), () => { }, CancellationToken.None);
        return [.. output.ToString().Split('\n').Select(IsolatedAnswer.Find).OfType<IsolatedAnswer>()];
    }

    private async Task<IsolatedItem> ItemAsync(int batch, int row)
    {
        var uri = ShardNames.Uri(ServedRun.Id, "ingest", batch);
        var footer = await ShardFile.ReadFooterAsync(run.Store, uri) ?? throw new FileNotFoundException(uri);
        var samples = await run.Shards.ReadAsync<IngestRow>("ingest", batch, CancellationToken.None);
        return new IsolatedItem([new ShardReference("ingest", uri, footer.Content, (int)footer.Rows)], row, 0, samples[row].SampleId, null)
        {
            Uri = $"crashes/{batch}-{row}.parquet",
        };
    }

    private Task<IReadOnlyList<WordRow>> RowsAsync(string name) => ShardRows.ReadAsync<WordRow>(run.Store, $"crashes/{name}.parquet");
}
