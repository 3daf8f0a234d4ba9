using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Broker;

/// <summary>Ports of 127.0.0.1 that nobody listens on.</summary>
/// <remarks>
/// Below the range from which outgoing connections take theirs: a client that dials a port of that range while its server is away may be
/// given the same port and meet itself.
/// </remarks>
internal static class LoopbackPorts
{
    private const int First = 15_500;
    private const int Count = 16_000;
    private static int next = Environment.ProcessId * 61 % Count;

    /// <summary>Free ports, each given once by this process.</summary>
    public static int[] Take(int count) =>
        [.. Enumerable.Range(0, Count).Select(_ => First + (int)((uint)Interlocked.Increment(ref next) % Count)).Where(IsFree).Take(count)];

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
