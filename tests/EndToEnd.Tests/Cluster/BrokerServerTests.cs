using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

[Trait("Kind", "Broker")]
public sealed class BrokerServerTests(SharedBroker shared)
{
    [Theory]
    [InlineData("3.10")]
    [InlineData("4.0")]
    public async Task Broker_keeps_what_is_durable_over_its_death_and_loses_it_with_its_disk(string version)
    {
        await using var broker = await BrokerServer.StartAsync(SharedBroker.Installed(version));
        await broker.Management.AddVirtualHostAsync("kept");

        await broker.KillAsync();
        await broker.StartAsync();
        var killed = await broker.Management.VirtualHostsAsync();
        await broker.RestartAsync();
        var restarted = await broker.Management.VirtualHostsAsync();
        await broker.LoseDiskAsync();
        var lost = await broker.Management.VirtualHostsAsync();

        killed.Should().Contain("kept");
        restarted.Should().Contain("kept");
        lost.Should().Equal("/");
    }

    [Theory]
    [InlineData("3.10")]
    [InlineData("4.0")]
    public async Task Alarms_are_raised_and_lowered(string version)
    {
        var broker = await shared.ServerAsync(version);

        await broker.SetMemoryAlarmAsync(true);
        await broker.SetDiskAlarmAsync(true);
        var raised = await broker.EvaluateAsync("rabbit_alarm:get_alarms().");
        await broker.SetMemoryAlarmAsync(false);
        await broker.SetDiskAlarmAsync(false);
        var lowered = await broker.EvaluateAsync("rabbit_alarm:get_alarms().");

        raised.Should().Contain("memory").And.Contain("disk");
        lowered.Should().Be("[]");
    }

    [Fact]
    public async Task Killed_broker_leaves_no_process()
    {
        var broker = await BrokerServer.StartAsync(SharedBroker.Installed());
        var marker = $"pipeline{broker.Address.Port}@localhost";

        var before = Processes(marker);
        await broker.DisposeAsync();
        var after = Processes(marker);

        before.Should().HaveCountGreaterThan(3);
        after.Should().BeEmpty();
    }

    [Fact]
    public async Task Broker_with_certificates_is_trusted_through_their_authority_alone()
    {
        var certificates = new BrokerCertificates();
        await using var broker = await BrokerServer.StartAsync(SharedBroker.Installed(), new BrokerOptions { Certificates = certificates });

        var trusting = () => GreetAsync(broker.SecureAddress.Port, certificates);
        var doubting = () => GreetAsync(broker.SecureAddress.Port, new BrokerCertificates());

        await trusting.Should().NotThrowAsync();
        await doubting.Should().ThrowAsync<AuthenticationException>();
    }

    /// <summary>Processes that have a text in their environment.</summary>
    private static List<string> Processes(string text)
    {
        var found = new List<string>();
        foreach (
            var process in Directory
                .GetDirectories("/proc")
                .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
        )
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "environ")).Contains(text, StringComparison.Ordinal))
                {
                    found.Add(File.ReadAllText(Path.Combine(process, "cmdline")));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue; // it has ended, or is another user's
            }
        }

        return found;
    }

    private static async Task GreetAsync(int port, BrokerCertificates trusted)
    {
        using var authority = X509Certificate2.CreateFromPem(trusted.Authority);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        await using var secure = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy }
        );
    }
}
