using Pipeline.Stages.Ingest;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Ingest.Urls;

public sealed class UrlListTests
{
    private const string Options = "batch: 4, urlHttp: true, urlAllow: [127.0.0.1/32], urlRate: 1000, urlRetries: 0";

    [Fact]
    public async Task Images_of_a_list_are_fetched_once_and_those_that_failed_are_asked_for_again()
    {
        var isBack = false;
        await using var server = new TestServer(
            (path, _) => path != "3" || Volatile.Read(ref isBack) ? TestServer.Ok(Picture(path)) : TestServer.Answer(404)
        );
        using var run = Listed([.. Enumerable.Range(0, 6).Select(index => server.Url($"{index}"))]);

        var first = await ServeAsync(run);
        var after = server.Requests;
        Volatile.Write(ref isBack, true);
        var second = await ServeAsync(run);
        var third = await ServeAsync(run);

        after.Should().Be(6);
        server.Requests.Should().Be(7);
        first.Should().HaveCount(5);
        second.Should().Equal(third).And.Equal([.. Enumerable.Range(0, 6).Select(index => server.Url($"{index}"))]);
    }

    [Fact]
    public async Task Address_that_gives_nothing_is_a_quarantine_row_with_its_reason()
    {
        await using var server = new TestServer((_, _) => TestServer.Answer(404));
        using var run = Listed(server.Url("gone.jpg"), "https://user:secret@example.org/1.jpg", "http://10.1.2.3/1.jpg", "gopher://x/y");

        await ServeAsync(run);

        var rows = await run.Shards.QuarantineAsync("ingest", default);
        rows.Select(row => row.Kind)
            .Should()
            .Equal(SourceFault.UrlFailed, SourceFault.UrlRefused, SourceFault.UrlRefused, SourceFault.UrlRefused);
        rows.Select(row => row.Message)
            .Should()
            .SatisfyRespectively(
                message => message.Should().Contain("answers with status 404"),
                message => message.Should().Contain("carries a user's name"),
                message => message.Should().Contain("10.1.2.3, which is no address of the public internet"),
                message => message.Should().Contain("has the scheme gopher")
            );
        Directory
            .EnumerateFiles(run.Output, "*", SearchOption.AllDirectories)
            .Should()
            .AllSatisfy(file => File.ReadAllText(file).Should().NotContain("secret"));
    }

    [Fact]
    public void Addresses_and_files_may_stand_in_one_table()
    {
        using var input = new InputFolder().With("1.png").WithTable("file,label", "1.png,a", "https://example.org/2.png,b");

        var entries = input.Entries();

        entries.Select(entry => (entry.Uri, entry.Fetch is null)).Should().Equal(("1.png", true), ("https://example.org/2.png", false));
    }

    private static byte[] Picture(string path) => InputFolder.Png(grey: (byte)(10 + path[0]));

    private static ServedRun Listed(params string[] addresses) =>
        new(["a"], input => input.WithTable(["url,label", .. addresses.Select(address => $"{address},a")]));

    private static async Task<IReadOnlyList<string>> ServeAsync(ServedRun run)
    {
        var end = await run.ServeAsync(
            $"pipeline: test\nstages:\n  ingest: {{ {Options} }}\n  word: {{}}\n",
            [new WordKind("word", uri => uri)]
        );
        end.Fault.Should().BeNull();
        return await run.WordsAsync("word");
    }
}
