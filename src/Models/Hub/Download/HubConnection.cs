using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Pipeline.Models.Hub.Download;

/// <summary>Asks the hub: follows redirects by its own rules, sends the token to the endpoint alone, and says what a refusal means.</summary>
internal sealed class HubConnection : IDisposable
{
    private const int MostRedirects = 5;
    private const int ServerFault = 500;

    private readonly HttpClient client;

    public HubConnection(HubSettings settings)
    {
        Settings = settings;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !settings.Endpoint.IsLoopback,
            ConnectTimeout = settings.Stall,
        };
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("pipeline-models/1.0");
    }

    public HubSettings Settings { get; }

    public void Dispose() => client.Dispose();

    /// <summary>An address of the hub.</summary>
    /// <param name="path">Begins with a slash; escaped.</param>
    public Uri Address(string path) => new(Settings.Endpoint.AbsoluteUri.TrimEnd('/') + path);

    /// <summary>Asks once, with the redirects that follow; the caller disposes.</summary>
    /// <param name="address">Of the hub.</param>
    /// <param name="from">The first byte that is wanted.</param>
    /// <param name="what">What is asked for, for errors.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="HubException">The hub refuses.</exception>
    /// <exception cref="HubBusyException">It could not answer now.</exception>
    public async Task<HubAnswer> AskAsync(Uri address, long from, string what, CancellationToken stop)
    {
        var (linked, next) = ((string?)null, address);
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            var response = await SendAsync(next, from, what, stop);
            try
            {
                linked ??= Hash(response, "X-Linked-Etag");
                if (Redirect(response, next, what) is { } further)
                {
                    response.Dispose();
                    next = further;
                    continue;
                }

                if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    // What an entity tag means is the hub's to say, not another host's.
                    return new HubAnswer(response, linked ?? (IsOwn(next) ? Hash(response, "ETag") : null));
                }

                throw Refusal(response, what);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }

        throw new HubException(
            $"{what} is redirected more than {MostRedirects} times; the hub must lead to it. Look at HF_ENDPOINT, or try again later."
        );
    }

    /// <summary>Tries until it works, the hub refuses, or it has failed too often in a row.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="what">What is asked for, for errors.</param>
    /// <param name="work">Asks.</param>
    /// <param name="progress">Grows when something has come: then the count begins anew.</param>
    /// <param name="stop">Ends the call.</param>
    public async Task<T> RetryAsync<T>(string what, Func<Task<T>> work, Func<long> progress, CancellationToken stop)
    {
        for (var (failed, before) = (0, progress()); ; )
        {
            try
            {
                return await work();
            }
            catch (HubBusyException busy)
            {
                var now = progress();
                (failed, before) = now > before ? (1, now) : (failed + 1, before);
                var wait = busy.After ?? TimeSpan.FromSeconds(Math.Pow(2, failed - 1));
                if (failed >= Settings.Attempts || wait > Settings.LongestWait)
                {
                    var times = failed == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", {failed} times in a row");
                    var later = busy.After is { } after
                        ? string.Create(CultureInfo.InvariantCulture, $" The hub asks to wait {after.TotalSeconds:0} s.")
                        : "";
                    throw new HubException(
                        $"{what} could not be got: {busy.Message}{times}.{later} What has come is kept: give the same command again.",
                        busy
                    );
                }

                await Settings.Pause(wait, stop);
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, long from, string what, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.AcceptEncoding.ParseAdd("identity"); // ranges and sizes are those of the file
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
        }

        if (Settings.Token is { } token && IsOwn(address))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Settings.Stall);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (HttpRequestException error)
        {
            throw new HubBusyException($"{address.Host} cannot be reached ({error.Message})", inner: error);
        }
        catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
        {
            throw new HubBusyException(
                string.Create(CultureInfo.InvariantCulture, $"{address.Host} did not answer within {Settings.Stall.TotalSeconds:0} s"),
                inner: error
            );
        }
    }

    private bool IsOwn(Uri address) =>
        address.Scheme == Settings.Endpoint.Scheme
        && address.Authority.Equals(Settings.Endpoint.Authority, StringComparison.OrdinalIgnoreCase);

    private static Uri? Redirect(HttpResponseMessage response, Uri from, string what)
    {
        if (
            response.StatusCode
            is not (
                HttpStatusCode.MovedPermanently
                or HttpStatusCode.Found
                or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect
                or HttpStatusCode.PermanentRedirect
            )
        )
        {
            return null;
        }

        var to = response.Headers.Location is { } location ? new Uri(from, location) : null;
        // What came from elsewhere must not reach servers that only this machine sees.
        return to is not null && HubSettings.IsSafe(to) && (from.IsLoopback || !to.IsLoopback)
            ? to
            : throw new HubException(
                $"{what} is redirected to {(to is null ? "nowhere" : $"{to.Scheme}://{to.Host}")}; it must be an https address. Look at HF_ENDPOINT."
            );
    }

    /// <summary>The hash that a header names: 64 digits are SHA-256, 40 are a git blob's; null for anything else.</summary>
    private static string? Hash(HttpResponseMessage response, string header)
    {
        if (!response.Headers.TryGetValues(header, out var values))
        {
            return null;
        }

        var value = values.FirstOrDefault() ?? "";
        var hash = (value.StartsWith("W/", StringComparison.Ordinal) ? value[2..] : value).Trim('"');
        return hash.Length is 64 or 40 && hash.All(char.IsAsciiHexDigit) ? hash.ToLowerInvariant() : null;
    }

    private Exception Refusal(HttpResponseMessage response, string what)
    {
        var (status, code) = ((int)response.StatusCode, response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : "");
        var token = Settings.Token is null ? "no token was sent" : "the token was not enough";
        return (status, code) switch
        {
            (429 or >= ServerFault, _) => new HubBusyException(
                string.Create(
                        CultureInfo.InvariantCulture,
                        $"{Settings.Endpoint.Host} answered {status} {(status == 429 ? "too many requests" : "")}"
                    )
                    .TrimEnd(),
                RetryAfter(response)
            ),
            (401 or 403, "GatedRepo") => new HubException(
                $"{what} is gated, and {token}; its terms must be accepted on the hub first. Accept them at {Settings.Endpoint.AbsoluteUri.TrimEnd('/')}, and set HF_TOKEN to a token of that account."
            ),
            (401 or 403, _) => new HubException(
                $"{what} is not to be had ({status}), and {token}: it does not exist, or is private. Correct the name, or set HF_TOKEN to a token that may read it."
            ),
            (404, "RevisionNotFound") => new HubException(
                $"{what} does not exist: the model has no such revision. Correct what follows @, or leave it out."
            ),
            (404, _) => new HubException($"{what} does not exist on {Settings.Endpoint.Host} (404). Correct the name."),
            _ => new HubException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what} is answered with {status} by {Settings.Endpoint.Host}; it must be 200. Look at HF_ENDPOINT."
                )
            ),
        };
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when response.Headers.Date is { } now => date > now ? date - now : TimeSpan.Zero,
            _ => null,
        };
}

/// <summary>What the hub answered.</summary>
/// <param name="Response">Its headers have come, its body not yet.</param>
/// <param name="Hash">The hash that its headers name: 64 digits are SHA-256, 40 are a git blob's; null for none.</param>
internal sealed record HubAnswer(HttpResponseMessage Response, string? Hash) : IDisposable
{
    public void Dispose() => Response.Dispose();
}
