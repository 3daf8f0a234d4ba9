using System.Net;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Ingest.Urls;

namespace Pipeline.Stages.Tests.Ingest.Urls;

public sealed class UrlFetcherTests
{
    private static readonly byte[] Image = InputFolder.Png();

    private static readonly UrlLimits Local = new()
    {
        Http = true,
        Allow = ["127.0.0.0/8"],
        Rate = 1000,
        Backoff = TimeSpan.FromMilliseconds(1),
        Time = TimeSpan.FromSeconds(20),
    };

    [Fact]
    public async Task Image_is_fetched()
    {
        await using var server = new TestServer((_, _) => TestServer.Ok(Image));

        var fetched = await FetchAsync(server.Url("1.png"));

        fetched.Bytes.Should().Equal(Image);
    }

    [Theory]
    [InlineData("no address", "is no address")]
    [InlineData("http://example.org/1.png", "has the scheme http; it must be https, or set ingest.urlHttp=true")]
    [InlineData("file:///etc/passwd", "has the scheme file")]
    [InlineData("ftp://example.org/1.png", "has the scheme ftp")]
    [InlineData("https://user:secret@example.org/1.png", "carries a user's name")]
    public async Task Other_addresses_than_https_are_refused_unasked(string address, string why)
    {
        var fetched = await FetchAsync(address, new UrlLimits());

        fetched.Refusal!.Kind.Should().Be(SourceFault.UrlRefused);
        fetched.Refusal.Message.Should().Contain(why).And.NotContain("secret");
    }

    [Fact]
    public async Task Host_inside_is_refused_and_never_connected_to()
    {
        await using var server = new TestServer((_, _) => TestServer.Ok(Image));

        var fetched = await FetchAsync(server.Url("1.png"), Local with { Allow = [] });

        fetched.Refusal!.Kind.Should().Be(SourceFault.UrlRefused);
        fetched.Refusal.Message.Should().Contain("127.0.0.1, which is no address of the public internet");
        server.Requests.Should().Be(0);
    }

    [Fact]
    public async Task Name_that_leads_inside_is_refused_by_what_it_resolves_to()
    {
        await using var server = new TestServer((_, _) => TestServer.Ok(Image));
        var url = server.Url("1.png").Replace("127.0.0.1", "images.example", StringComparison.Ordinal);

        var refused = await FetchAsync(url, Local with { Allow = [] }, IPAddress.Parse("93.184.215.14"), IPAddress.Loopback);
        var allowed = await FetchAsync(url, Local with { Allow = ["Images.Example"] }, IPAddress.Loopback);

        refused.Refusal!.Kind.Should().Be(SourceFault.UrlRefused);
        allowed.Bytes.Should().Equal(Image);
    }

    [Theory]
    [InlineData("http://10.0.0.1/1.png")]
    [InlineData("http://[::ffff:127.0.0.1]/1.png")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("file:///etc/passwd")]
    public async Task Redirect_is_checked_like_the_first_address(string target)
    {
        await using var server = new TestServer((_, _) => TestServer.Answer(302, $"Location: {target}\r\n"));

        var fetched = await FetchAsync(server.Url("1.png"));

        fetched.Refusal!.Kind.Should().Be(SourceFault.UrlRefused);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public async Task Five_redirects_are_followed(int redirects, bool isRight)
    {
        await using var server = new TestServer(
            (path, _) =>
                path == $"{redirects}" ? TestServer.Ok(Image) : TestServer.Answer(307, $"Location: /{int.Parse(path, null) + 1}\r\n")
        );

        var fetched = await FetchAsync(server.Url("0"));

        (fetched.Bytes is not null).Should().Be(isRight);
        (fetched.Refusal?.Message.Contains("leads on more than 5 times", StringComparison.Ordinal) ?? false).Should().Be(!isRight);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Image_may_have_the_bytes_of_the_limit_whether_told_before_or_not(bool told)
    {
        var body = new byte[100_000];
        await using var server = new TestServer((_, _) => told ? TestServer.Ok(body) : TestServer.Answer(200, "", body));

        var most = await FetchAsync(server.Url("a"), Local with { Bytes = body.Length });
        var more = await FetchAsync(server.Url("b"), Local with { Bytes = body.Length - 1 });

        most.Bytes.Should().HaveCount(body.Length);
        more.Refusal!.Kind.Should().Be("too-large");
        more.Refusal.Message.Should().Contain("it must have at most 99,999");
    }

    [Theory]
    [InlineData("noai", true)]
    [InlineData("max-image-preview:large, noimageindex", true)]
    [InlineData("otherbot: noindex, nofollow", false)]
    [InlineData("pipeline-ingest: noindex", true)]
    [InlineData("unavailable_after: 25 Jun 2030 15:00:00 PST", false)]
    [InlineData("all", false)]
    public async Task Owner_who_refuses_by_robots_tag_is_respected(string tag, bool refuses)
    {
        await using var server = new TestServer((_, _) => TestServer.Ok(Image, $"X-Robots-Tag: {tag}\r\n"));

        var fetched = await FetchAsync(server.Url("1.png"));

        (fetched.Refusal?.Kind == SourceFault.Robots).Should().Be(refuses);
        (fetched.Bytes is null).Should().Be(refuses);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task Status_that_may_pass_is_asked_again(int status)
    {
        await using var server = new TestServer(
            (_, times) => times < 3 ? TestServer.Answer(status, "Retry-After: 0\r\nContent-Length: 0\r\n") : TestServer.Ok(Image)
        );

        var fetched = await FetchAsync(server.Url("1.png"));

        fetched.Bytes.Should().Equal(Image);
        server.Requests.Should().Be(3);
    }

    [Fact]
    public async Task Attempts_end()
    {
        await using var server = new TestServer((_, _) => TestServer.Answer(500, "Content-Length: 0\r\n"));

        var fetched = await FetchAsync(server.Url("1.png"), Local with { Retries = 2 });

        fetched.Refusal!.Message.Should().Contain("answers with status 500, 3 times in a row");
        server.Requests.Should().Be(3);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(204)]
    public async Task Status_that_stays_is_not_asked_again(int status)
    {
        await using var server = new TestServer((_, _) => TestServer.Answer(status, "Content-Length: 0\r\n"));

        var fetched = await FetchAsync(server.Url("1.png"));

        fetched.Refusal!.Message.Should().Contain($"answers with status {status}");
        server.Requests.Should().Be(1);
    }

    [Fact]
    public async Task Server_that_asks_to_wait_too_long_is_left_for_later()
    {
        await using var server = new TestServer((_, _) => TestServer.Answer(503, "Retry-After: 3600\r\nContent-Length: 0\r\n"));

        var fetched = await FetchAsync(server.Url("1.png"));

        fetched.Refusal!.Message.Should().Contain("asks to wait 3,600 s");
        server.Requests.Should().Be(1);
    }

    [Fact]
    public async Task Server_that_never_answers_is_given_up()
    {
        await using var server = new TestServer((_, _) => null);

        var fetched = await FetchAsync(server.Url("1.png"), Local with { Retries = 1, Time = TimeSpan.FromMilliseconds(100) });

        fetched.Refusal!.Message.Should().Contain("did not come within 0.1 s, 2 times in a row");
    }

    [Fact]
    public async Task Body_that_is_cut_off_is_asked_for_again()
    {
        var cut = TestServer.Ok(Image)[..^5];
        await using var server = new TestServer((_, times) => times == 1 ? cut : TestServer.Ok(Image));

        var fetched = await FetchAsync(server.Url("1.png"));

        fetched.Bytes.Should().Equal(Image);
    }

    [Fact]
    public async Task Requests_to_one_host_keep_to_the_rate()
    {
        await using var server = new TestServer((_, _) => TestServer.Ok(Image));
        using var fetcher = new UrlFetcher(Local with { Rate = 20 }, TimeProvider.System);
        var started = TimeProvider.System.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, 11).Select(index => fetcher.FetchAsync(server.Url($"{index}"), default).AsTask()));

        TimeProvider.System.GetElapsedTime(started).Should().BeGreaterThan(TimeSpan.FromMilliseconds(450));
    }

    private static async Task<Fetched> FetchAsync(string address, UrlLimits? limits = null, params IPAddress[] resolved)
    {
        using var fetcher = new UrlFetcher(limits ?? Local, TimeProvider.System, (_, _) => Task.FromResult(resolved));
        return await fetcher.FetchAsync(address, TestContext.Current.CancellationToken);
    }
}
