using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Pipeline.Tests.Broker;

/// <summary>The management interface of a <see cref="BrokerServer"/>. Its counts of messages are about a second old.</summary>
public sealed class BrokerManagement : IDisposable
{
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private readonly HttpClient client = new();

    internal BrokerManagement(int port)
    {
        client.BaseAddress = new Uri($"http://127.0.0.1:{port}/api/");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.ASCII.GetBytes("guest:guest"))
        );
    }

    /// <summary>Queues of a virtual host.</summary>
    public Task<BrokerQueue[]> QueuesAsync(string host = "/") => GetAsync<BrokerQueue[]>($"queues/{Escape(host)}");

    /// <summary>Exchanges of a virtual host, without those that every one has.</summary>
    public async Task<BrokerExchange[]> ExchangesAsync(string host = "/") =>
        [
            .. (await GetAsync<BrokerExchange[]>($"exchanges/{Escape(host)}")).Where(exchange =>
                exchange.Name.Length > 0 && !exchange.Name.StartsWith("amq.", StringComparison.Ordinal)
            ),
        ];

    /// <summary>Bindings of a virtual host, without those of the default exchange.</summary>
    public async Task<BrokerBinding[]> BindingsAsync(string host = "/") =>
        [.. (await GetAsync<BrokerBinding[]>($"bindings/{Escape(host)}")).Where(binding => binding.Source.Length > 0)];

    /// <summary>Connections of all virtual hosts.</summary>
    public Task<BrokerConnection[]> ConnectionsAsync() => GetAsync<BrokerConnection[]>("connections");

    /// <summary>Closes one connection; a connection that is gone already is no error.</summary>
    public async Task CloseConnectionAsync(string name)
    {
        using var answer = await client.DeleteAsync(new Uri($"connections/{Escape(name)}", UriKind.Relative));
    }

    /// <summary>Closes every connection; gives their number.</summary>
    public async Task<int> CloseConnectionsAsync()
    {
        var open = await ConnectionsAsync();
        foreach (var connection in open)
        {
            await CloseConnectionAsync(connection.Name);
        }

        return open.Length;
    }

    /// <summary>Names of the virtual hosts.</summary>
    public async Task<string[]> VirtualHostsAsync() => [.. (await GetAsync<VirtualHost[]>("vhosts")).Select(host => host.Name)];

    /// <summary>Adds a virtual host, which guest may use.</summary>
    public async Task AddVirtualHostAsync(string host)
    {
        await PutAsync($"vhosts/{Escape(host)}", new { });
        await PermitAsync("guest", host);
    }

    /// <summary>Adds a user without any permission.</summary>
    public Task AddUserAsync(string name, string password) => PutAsync($"users/{Escape(name)}", new { password, tags = "" });

    /// <summary>Lets a user do everything in a virtual host.</summary>
    public Task PermitAsync(string user, string host = "/") =>
        PutAsync(
            $"permissions/{Escape(host)}/{Escape(user)}",
            new
            {
                configure = ".*",
                write = ".*",
                read = ".*",
            }
        );

    /// <summary>Deletes a queue; one that is not there is no error.</summary>
    public async Task DeleteQueueAsync(string queue, string host = "/")
    {
        using var answer = await client.DeleteAsync(new Uri($"queues/{Escape(host)}/{Escape(queue)}", UriKind.Relative));
    }

    /// <summary>Declares a queue of the test's own that gets all messages of an exchange.</summary>
    public async Task TapAsync(string exchange, string queue, string host = "/")
    {
        await PutAsync($"queues/{Escape(host)}/{Escape(queue)}", new { durable = true });
        await PostAsync<object>($"bindings/{Escape(host)}/e/{Escape(exchange)}/q/{Escape(queue)}", new { routing_key = "#" });
    }

    /// <summary>Publishes messages that a tap got a second time, and empties it; gives their number.</summary>
    public async Task<int> RepeatAsync(string tap, string exchange, int most, string host = "/")
    {
        var got = await PostAsync<JsonElement[]>(
            $"queues/{Escape(host)}/{Escape(tap)}/get",
            new
            {
                count = most,
                ackmode = "ack_requeue_false",
                encoding = "base64",
            }
        );
        foreach (var message in got)
        {
            await PostAsync<JsonElement>(
                $"exchanges/{Escape(host)}/{Escape(exchange)}/publish",
                new
                {
                    routing_key = message.GetProperty("routing_key"),
                    properties = message.GetProperty("properties"),
                    payload = message.GetProperty("payload"),
                    payload_encoding = "base64",
                }
            );
        }

        using var purged = await client.DeleteAsync(new Uri($"queues/{Escape(host)}/{Escape(tap)}/contents", UriKind.Relative));
        return got.Length;
    }

    /// <summary>Closes the connection to it.</summary>
    public void Dispose() => client.Dispose();

    /// <summary>Whether it answers at all.</summary>
    internal async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("overview", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Escape(string name) => Uri.EscapeDataString(name);

    private async Task<T> GetAsync<T>(string path) =>
        await client.GetFromJsonAsync<T>(new Uri(path, UriKind.Relative), Snake) ?? throw new InvalidDataException(path);

    private async Task PutAsync(string path, object body)
    {
        using var answer = await client.PutAsJsonAsync(new Uri(path, UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<T> PostAsync<T>(string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
        return answer.Content.Headers.ContentLength is 0 ? default! : (await answer.Content.ReadFromJsonAsync<T>())!;
    }

    private sealed record VirtualHost(string Name);
}

/// <summary>A queue as the server sees it.</summary>
/// <param name="Name">Unique in its virtual host.</param>
/// <param name="Type"><c>classic</c>, <c>quorum</c> or <c>stream</c>.</param>
/// <param name="Durable">Whether it outlives a restart.</param>
/// <param name="Arguments">What it was declared with.</param>
/// <param name="Messages">Ready and unacknowledged ones.</param>
/// <param name="MessagesReady">Those that wait for a consumer.</param>
/// <param name="MessagesUnacknowledged">Those that a consumer has.</param>
/// <param name="Consumers">Who takes from it.</param>
public sealed record BrokerQueue(
    string Name,
    string Type,
    bool Durable,
    Dictionary<string, JsonElement> Arguments,
    long Messages,
    long MessagesReady,
    long MessagesUnacknowledged,
    int Consumers
);

/// <summary>An exchange as the server sees it.</summary>
/// <param name="Name">Unique in its virtual host.</param>
/// <param name="Type"><c>topic</c>, <c>fanout</c> or another kind.</param>
/// <param name="Durable">Whether it outlives a restart.</param>
public sealed record BrokerExchange(string Name, string Type, bool Durable);

/// <summary>A binding as the server sees it.</summary>
/// <param name="Source">The exchange.</param>
/// <param name="Destination">A queue or an exchange.</param>
/// <param name="RoutingKey">What passes.</param>
public sealed record BrokerBinding(string Source, string Destination, string RoutingKey);

/// <summary>A client's connection as the server sees it.</summary>
/// <param name="Name">By which it can be closed.</param>
/// <param name="UserProvidedName">What the client calls it, if anything.</param>
/// <param name="Channels">Open channels.</param>
public sealed record BrokerConnection(string Name, string? UserProvidedName, int Channels);
