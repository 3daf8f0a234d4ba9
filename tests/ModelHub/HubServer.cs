using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.Models.Hub.Download;

namespace Pipeline.ModelHub;

/// <summary>What a server was asked.</summary>
internal sealed record Asked(string Path, string? Range, string? Authorization);

/// <summary>A server on 127.0.0.1 that lists and gives the files of one repository as the hub does.</summary>
internal sealed class HubServer : IDisposable
{
    public const string Id = "org/clip";

    private readonly HttpListener listener = new();
    private readonly ConcurrentQueue<Asked> asked = [];

    public HubServer()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
        }

        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        _ = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>The files; large ones are those whose names end in <c>.safetensors</c>, <c>.onnx</c> or <c>.bin</c>.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Card { get; } = new(StringComparer.Ordinal) { ["license"] = "mit" };

    /// <summary>Answers instead of the hub when it gives true; the first argument is the number of the request, from 0.</summary>
    public Func<int, HttpListenerContext, bool> Instead { get; set; } = (_, _) => false;

    /// <summary>Changes an entry of the list.</summary>
    public Func<string, Dictionary<string, object?>, Dictionary<string, object?>> Entry { get; set; } = (_, entry) => entry;

    public IReadOnlyList<Asked> Requests => [.. asked];

    public IReadOnlyList<Asked> FileRequests => [.. asked.Where(request => request.Path.Contains("/resolve/", StringComparison.Ordinal))];

    public HubSettings Settings =>
        new()
        {
            Endpoint = Address,
            Pause = (wait, _) =>
            {
                Waits.Enqueue(wait);
                return Task.CompletedTask;
            },
        };

    public ConcurrentQueue<TimeSpan> Waits { get; } = [];

    public HubServer With(string path, string text) => With(path, Encoding.UTF8.GetBytes(text));

    public HubServer With(string path, byte[] bytes)
    {
        Files[path] = bytes;
        return this;
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>As <c>git hash-object</c>.</summary>
    public static string Blob(byte[] bytes)
    {
        using var git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        git.AppendData(Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"));
        git.AppendData(bytes);
        return Convert.ToHexStringLower(git.GetHashAndReset());
    }

    public static bool IsLarge(string path) => Path.GetExtension(path) is ".safetensors" or ".onnx" or ".bin";

    /// <summary>Sends the first bytes of an announced body, then cuts the connection.</summary>
    public static bool Cut(HttpListenerContext context, byte[] body, int after)
    {
        context.Response.ContentLength64 = body.Length;
        context.Response.OutputStream.Write(body, 0, after);
        context.Response.OutputStream.Flush();
        context.Response.Abort();
        return true;
    }

    public static bool Answer(HttpListenerContext context, int status, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        context.Response.Close(body ?? [], willBlock: true);
        return true;
    }

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        for (var number = 0; ; number++)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var request = context.Request;
            asked.Enqueue(new Asked(request.Url!.AbsolutePath, request.Headers["Range"], request.Headers["Authorization"]));
            try
            {
                if (!Instead(number, context))
                {
                    Serve(context);
                }
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException)
            {
                // the client has gone
            }
        }
    }

    private void Serve(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        var files = $"/{Id}/resolve/{ModelPlace.Commit}/";
        if (path is $"/api/models/{Id}/revision/main" or $"/api/models/{Id}/revision/{ModelPlace.Commit}")
        {
            Answer(context, 200, JsonSerializer.SerializeToUtf8Bytes(List()));
        }
        else if (
            path.StartsWith(files, StringComparison.Ordinal)
            && Files.TryGetValue(Uri.UnescapeDataString(path[files.Length..]), out var body)
        )
        {
            var from = context.Request.Headers["Range"] is { } range
                ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture)
                : 0;
            (string, string)[] tag = [("ETag", $"\"{Blob(body)}\"")];
            Answer(
                context,
                from > 0 ? 206 : 200,
                body[from..],
                from > 0 ? [.. tag, ("Content-Range", $"bytes {from}-{body.Length - 1}/{body.Length}")] : tag
            );
        }
        else
        {
            Answer(
                context,
                404,
                null,
                ("X-Error-Code", path.StartsWith("/api", StringComparison.Ordinal) ? "RevisionNotFound" : "EntryNotFound")
            );
        }
    }

    private Dictionary<string, object?> List() =>
        new()
        {
            ["id"] = Id,
            ["sha"] = ModelPlace.Commit,
            ["cardData"] = Card,
            ["siblings"] = Files
                .Select(file =>
                    Entry(
                        file.Key,
                        new Dictionary<string, object?>
                        {
                            ["rfilename"] = file.Key,
                            ["size"] = file.Value.Length,
                            ["blobId"] = Blob(file.Value),
                            ["lfs"] = IsLarge(file.Key) ? new { sha256 = Sha256(file.Value), size = file.Value.Length } : null,
                        }
                    )
                )
                .ToList(),
        };
}
