using System.Collections.Concurrent;
using Pipeline.Tests.Broker;

[assembly: AssemblyFixture(typeof(SharedBroker))]

namespace Pipeline.Tests.Broker;

/// <summary>One server a version for all tests of an assembly that do it no harm; each is started when a test first asks for it.</summary>
public sealed class SharedBroker : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<BrokerServer>>> servers = new(StringComparer.Ordinal);

    /// <summary>The broker of a version, or the newest that is there; without one the test is skipped.</summary>
    public Task<BrokerServer> ServerAsync(string? version = null)
    {
        var installed = Installed(version);
        return servers.GetOrAdd(installed.Version, _ => new Lazy<Task<BrokerServer>>(() => BrokerServer.StartAsync(installed))).Value;
    }

    /// <summary>What is unpacked of a version, or the newest; without it the test is skipped.</summary>
    public static InstalledBroker Installed(string? version = null)
    {
        var installed = InstalledBroker.All.FirstOrDefault(broker => version is null || broker.Version == version);
        Assert.SkipWhen(
            installed is null,
            $"RabbitMQ {version} is not there; infra/setup.sh --tests unpacks it where the packages have it"
        );
        return installed;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers.Values)
        {
            await using var started = await server.Value;
        }
    }
}
