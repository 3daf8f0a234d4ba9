using System.Net.Sockets;
using Pipeline.Stages.Transport.RabbitMq;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

/// <summary>The brokers of the trials, by major version; a test is skipped where none listens.</summary>
internal static class Trial
{
    internal static BrokerOptions Options(int version) =>
        new()
        {
            Addresses = [new BrokerAddress("127.0.0.1", Port(version))],
            User = "guest",
            Password = "guest",
        };

    internal static async Task<RabbitMqTransport> ConnectAsync(int version)
    {
        if (!await IsThereAsync(Port(version)))
        {
            Assert.Skip($"No RabbitMQ {version} listens on 127.0.0.1:{Port(version)}.");
        }

        return await RabbitMqTransport.ConnectAsync(Options(version), _ => { }, CancellationToken.None);
    }

    private static int Port(int version) => 15000 + version * 100;

    private static async Task<bool> IsThereAsync(int port)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
