using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.EndToEnd.Tests;

/// <summary>A headless Chromium of the system, spoken to by the DevTools protocol, with one page.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Listening = "DevTools listening on ";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string profile = Directory.CreateTempSubdirectory("pipeline-browser-").FullName;
    private readonly CancellationTokenSource limit = new(Limit);
    private readonly ClientWebSocket socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> answers = new();
    private readonly ConcurrentQueue<(string Method, JsonElement Parameters)> events = new();
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process process;
    private Task listening = Task.CompletedTask;
    private string? session;
    private int sent;

    private Browser(string program)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, UseShellExecute = false };
        string[] arguments =
        [
            "--headless=new",
            "--remote-debugging-port=0",
            $"--user-data-dir={profile}",
            "--no-sandbox", // it is refused to root, and the page is the test's own
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "about:blank",
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        process = Process.Start(start) ?? throw new InvalidOperationException("The browser did not start.");
    }

    /// <summary>Where it is installed; null where it is not.</summary>
    public static string? Program { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    /// <summary>Errors and warnings of the page so far, exceptions too.</summary>
    public IReadOnlyList<string> Complaints =>
        [
            .. events
                .Where(one =>
                    one.Method switch
                    {
                        "Runtime.exceptionThrown" => true,
                        "Runtime.consoleAPICalled" => one.Parameters.GetProperty("type").GetString() is "error" or "warning" or "assert",
                        "Log.entryAdded" => one.Parameters.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning",
                        _ => false,
                    }
                )
                .Select(one => $"{one.Method}: {one.Parameters}"),
        ];

    /// <summary>What the page asked for so far, itself and data within it left out.</summary>
    public IReadOnlyList<string> Requests(string page) =>
        [
            .. events
                .Where(one => one.Method == "Network.requestWillBeSent")
                .Select(one => one.Parameters.GetProperty("request").GetProperty("url").GetString() ?? "")
                .Where(url => url != page && !url.StartsWith("data:", StringComparison.Ordinal)),
        ];

    /// <summary>Starts the browser and opens a page, at this size and in this scheme (<c>light</c> or <c>dark</c>).</summary>
    public static async Task<Browser> OpenAsync(string program, string url, int width, string scheme)
    {
        var browser = new Browser(program);
        try
        {
            await browser.ConnectAsync();
            await browser.LoadAsync(url, width, scheme);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>The value of an expression on the page; a promise is waited for.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await SendAsync(
            "Runtime.evaluate",
            new JsonObject
            {
                ["expression"] = expression,
                ["awaitPromise"] = true,
                ["returnByValue"] = true,
            }
        );
        return answer.TryGetProperty("exceptionDetails", out var error) ? throw new InvalidOperationException($"The page threw: {error}")
            : answer.GetProperty("result").TryGetProperty("value", out var value) ? value
            : default;
    }

    /// <summary>The whole page as PNG.</summary>
    public async Task<byte[]> ScreenshotAsync() =>
        (await SendAsync("Page.captureScreenshot", new JsonObject { ["captureBeyondViewport"] = true }))
            .GetProperty("data")
            .GetBytesFromBase64();

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync();
        await listening;
        process.Dispose();
        socket.Dispose();
        limit.Dispose();
        Directory.Delete(profile, recursive: true);
    }

    private async Task ConnectAsync()
    {
        while (true)
        {
            var line =
                await process.StandardError.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException("The browser ended before it listened.");
            if (line.StartsWith(Listening, StringComparison.Ordinal))
            {
                await socket.ConnectAsync(new Uri(line[Listening.Length..]), limit.Token);
                break;
            }
        }

        listening = Task.WhenAll(ListenAsync(), process.StandardError.ReadToEndAsync(CancellationToken.None));
    }

    private async Task LoadAsync(string url, int width, string scheme)
    {
        var target = (await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }))
            .GetProperty("targetId")
            .GetString();
        var attached = await SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true });
        session = attached.GetProperty("sessionId").GetString();
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
        {
            await SendAsync($"{domain}.enable");
        }

        await SendAsync(
            "Emulation.setDeviceMetricsOverride",
            new JsonObject
            {
                ["width"] = width,
                ["height"] = 900,
                ["deviceScaleFactor"] = 1,
                ["mobile"] = false,
            }
        );
        await SendAsync("Emulation.setScrollbarsHidden", new JsonObject { ["hidden"] = true });
        var feature = new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme };
        await SendAsync("Emulation.setEmulatedMedia", new JsonObject { ["features"] = new JsonArray(feature) });
        await SendAsync("Page.navigate", new JsonObject { ["url"] = url });
        await loaded.Task.WaitAsync(limit.Token);
    }

    private async Task<JsonElement> SendAsync(string method, JsonObject? parameters = null)
    {
        var id = Interlocked.Increment(ref sent);
        var answer = answers[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject
        {
            ["id"] = id,
            ["method"] = method,
            ["params"] = parameters ?? [],
        };
        if (session is not null)
        {
            message["sessionId"] = session;
        }

        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, limit.Token);
        return await answer.Task.WaitAsync(limit.Token);
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer, limit.Token);
                message.Write(buffer, 0, part.Count);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                if (part.EndOfMessage)
                {
                    using var document = JsonDocument.Parse(message.ToArray());
                    Take(document.RootElement.Clone());
                    message.SetLength(0);
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            // it was ended, or its time is over; whoever waits for an answer has the same limit
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id))
        {
            var answer = answers[id.GetInt32()];
            if (message.TryGetProperty("error", out var error))
            {
                answer.TrySetException(new InvalidOperationException($"The browser says: {error}"));
            }
            else
            {
                answer.TrySetResult(message.GetProperty("result"));
            }

            return;
        }

        var method = message.GetProperty("method").GetString() ?? "";
        events.Enqueue((method, message.GetProperty("params")));
        if (method == "Page.loadEventFired")
        {
            loaded.TrySetResult();
        }
    }
}
