using System.IO.Hashing;
using System.Net;
using System.Text;
using System.Threading.RateLimiting;
using Pipeline.Models.Images;

namespace Pipeline.Stages.Ingest.Urls;

/// <summary>Downloads images politely and safely: what it may connect to, how much, how fast and how often is bounded by <see cref="UrlLimits"/>.</summary>
/// <remarks>
/// Every redirect is checked like the first address: its scheme here, and the address that its host resolves to when it is connected to.
/// A fault is no exception but a refusal with its reason; only a stop is thrown. May be called from several threads.
/// </remarks>
public sealed class UrlFetcher : IDisposable
{
    /// <summary>Our name to servers.</summary>
    public const string Robot = "pipeline-ingest";

    private const int BufferBytes = 1 << 16;

    private readonly UrlLimits limits;
    private readonly TimeProvider clock;
    private readonly HttpClient client;
    private readonly PartitionedRateLimiter<string> rates;

    /// <summary>Ready to download.</summary>
    /// <param name="limits">What is allowed.</param>
    /// <param name="clock">Measures waits and time-outs.</param>
    /// <param name="resolve">Gives a host's addresses; null for the system's resolver.</param>
    public UrlFetcher(UrlLimits limits, TimeProvider clock, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        (this.limits, this.clock) = (limits, clock);
        client = new HttpClient(UrlHandler.Create(limits, resolve ?? Dns.GetHostAddressesAsync)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"{Robot}/1.0");
        client.DefaultRequestHeaders.Accept.ParseAdd("image/*");
        rates = PartitionedRateLimiter.Create<string, string>(host =>
            RateLimitPartition.GetTokenBucketLimiter(
                host,
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = 1,
                    TokensPerPeriod = 1,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1 / limits.Rate),
                    QueueLimit = int.MaxValue, // as many as ingest reads at one time
                    QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
                }
            )
        );
    }

    /// <summary>What is wrong with an address before anything is asked of it; null if nothing.</summary>
    public static string? Fault(string address, bool http) =>
        !Uri.TryCreate(address, UriKind.Absolute, out var uri) ? $"'{address}' is no address; it must be one such as https://host/path.jpg"
        : uri.Scheme != Uri.UriSchemeHttps && !(http && uri.Scheme == Uri.UriSchemeHttp)
            ? $"'{address}' has the scheme {uri.Scheme}; it must be https{(http ? " or http" : ", or set ingest.urlHttp=true for http")}"
        : uri.UserInfo.Length > 0 ? $"the address of {uri.Host} carries a user's name; it must have none. Take it out"
        : null;

    /// <summary>The address without a user's name and password, which are not to be written anywhere.</summary>
    public static string WithoutUser(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
            ? new UriBuilder(uri) { UserName = "", Password = "" }
                .Uri
                .AbsoluteUri
            : address;

    /// <summary>Downloads one image.</summary>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public async ValueTask<Fetched> FetchAsync(string address, CancellationToken stop)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (fetched, wait) = await TryAsync(address, stop);
            if (fetched is { } done)
                return done;
            var pause = wait.After ?? Backoff(address, attempt);
            if (attempt >= limits.Retries)
                return Refused(
                    SourceFault.UrlFailed,
                    $"{address} {wait.Why}, {attempt + 1} times in a row. Look whether it can be reached, and run again."
                );
            if (pause > limits.LongestWait)
                return Refused(
                    SourceFault.UrlFailed,
                    $"{address} {wait.Why} and asks to wait {pause.TotalSeconds:N0} s; at most {limits.LongestWait.TotalSeconds:N0} s are waited. Run again later."
                );
            await Task.Delay(pause, clock, stop);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        rates.Dispose();
    }

    /// <summary>One attempt: what it came to, or why and when it is worth another.</summary>
    private async Task<(Fetched? Fetched, (string Why, TimeSpan? After) Again)> TryAsync(string address, CancellationToken stop)
    {
        using var alarm = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        try
        {
            return await FollowAsync(address, alarm, stop);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, ($"did not come within {limits.Time.TotalSeconds:0.###} s", null));
        }
        catch (HttpRequestException error) when (error.InnerException is AddressRefusedException refused)
        {
            return (Refused(SourceFault.UrlRefused, $"{address} is refused: {refused.Message}."), default);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return (null, ($"cannot be fetched: {(error.InnerException ?? error).Message}", null));
        }
    }

    private async Task<(Fetched?, (string, TimeSpan?))> FollowAsync(string address, CancellationTokenSource alarm, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, alarm.Token);
        var at = address;
        for (var redirects = 0; ; redirects++)
        {
            if (Fault(at, limits.Http) is { } fault)
                return (
                    Refused(
                        SourceFault.UrlRefused,
                        redirects == 0 ? $"{fault}." : $"{address} leads to an address that may not be followed: {fault}."
                    ),
                    default
                );
            var uri = new Uri(at);
            alarm.CancelAfter(Timeout.InfiniteTimeSpan); // waiting for our turn is no slowness of the host
            (await rates.AcquireAsync(uri.IdnHost, 1, stop)).Dispose();
            alarm.CancelAfter(limits.Time);
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (Location(response, uri) is { } next)
            {
                if (redirects == limits.Redirects)
                    return (
                        Refused(
                            SourceFault.UrlRefused,
                            $"{address} leads on more than {limits.Redirects} times; it must lead to an image. Correct the address."
                        ),
                        default
                    );
                at = next;
                continue;
            }

            return await BodyAsync(address, response, either.Token);
        }
    }

    private async Task<(Fetched?, (string, TimeSpan?))> BodyAsync(string address, HttpResponseMessage response, CancellationToken stop)
    {
        var status = (int)response.StatusCode;
        if (status is 408 or 425 or 429 or >= 500)
            return (null, ($"answers with status {status}", After(response)));
        if (status != 200)
            return (
                Refused(
                    SourceFault.UrlFailed,
                    $"{address} answers with status {status}; it must give an image (200). Correct the address, or take it out."
                ),
                default
            );
        if (response.Headers.TryGetValues("X-Robots-Tag", out var tags) && RobotsTag.Refusal(tags, Robot) is { } directive)
            return (
                Refused(
                    SourceFault.Robots,
                    $"{address} says '{directive}' in X-Robots-Tag: its owner does not want it used so. Take it out."
                ),
                default
            );
        if (response.Content.Headers.ContentLength > limits.Bytes)
            return (TooLarge(address, response.Content.Headers.ContentLength), default);
        await using var body = await response.Content.ReadAsStreamAsync(stop);
        using var bytes = new MemoryStream((int)(response.Content.Headers.ContentLength ?? BufferBytes));
        var buffer = new byte[BufferBytes];
        while (await body.ReadAsync(buffer, stop) is > 0 and var read)
        {
            if (bytes.Length + read > limits.Bytes)
                return (TooLarge(address, null), default);
            bytes.Write(buffer, 0, read);
        }

        return (new Fetched(bytes.ToArray(), null), default);
    }

    private static string? Location(HttpResponseMessage response, Uri from) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location
            ? new Uri(from, location).AbsoluteUri
            : null;

    private TimeSpan? After(HttpResponseMessage response) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date > clock.GetUtcNow() ? date - clock.GetUtcNow() : TimeSpan.Zero,
            _ => null,
        };

    private TimeSpan Backoff(string address, int attempt)
    {
        var chance = (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(address), attempt) >> 11) * Math.Pow(2, -53);
        return limits.Backoff * Math.Pow(2, attempt) * (1 - (chance / 2));
    }

    private Fetched TooLarge(string address, long? length) =>
        Refused(
            RejectionKind.TooLarge,
            $"{address} has {(length is { } known ? $"{known:N0}" : $"more than {limits.Bytes:N0}")} bytes; it must have at most {limits.Bytes:N0}. Set ingest.urlBytes higher, or take it out."
        );

    private static Fetched Refused(string kind, string message) => new(null, new Rejected(kind, message));
}
