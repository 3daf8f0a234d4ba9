using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Stages.Tests.Ingest.Urls;

/// <summary>A server on a free port of 127.0.0.1 that gives each path the bytes that a test says, one request a connection.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Func<string, int, byte[]?> answer;
    private readonly ConcurrentDictionary<string, int> times = new(StringComparer.Ordinal);
    private readonly Task serving;

    /// <summary>Listens from now on.</summary>
    /// <param name="answer">Given the path and how often it was asked for (from 1), the whole answer; null for none, ever.</param>
    public TestServer(Func<string, int, byte[]?> answer)
    {
        this.answer = answer;
        listener.Start();
        serving = ServeAsync();
    }

    public int Requests => times.Values.Sum();

    public string Url(string path) => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/{path}";

    public static byte[] Answer(int status, string headers = "", byte[]? body = null) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}\r\n"), .. body ?? []];

    public static byte[] Ok(byte[] body, string headers = "") => Answer(200, $"Content-Length: {body.Length}\r\n{headers}", body);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await serving;
        stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        var answers = new List<Task>();
        try
        {
            while (true)
                answers.Add(AnswerAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            var stream = connection.GetStream();
            var head = "";
            var buffer = new byte[4096];
            while (!head.Contains("\r\n\r\n", StringComparison.Ordinal))
                head += Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, stopping.Token));
            var path = head.Split(' ')[1].TrimStart('/');
            if (answer(path, times.AddOrUpdate(path, 1, (_, count) => count + 1)) is { } bytes)
                await stream.WriteAsync(bytes, stopping.Token);
            else
                await Task.Delay(Timeout.Infinite, stopping.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // the test is over, or the client has gone
        }
    }
}
