using System.Net;
using System.Net.Sockets;

namespace Pipeline.Stages.Ingest.Urls;

/// <summary>An address was refused before a byte was sent there.</summary>
internal sealed class AddressRefusedException(string message) : IOException(message);

/// <summary>Connects only to addresses that are allowed: a name is resolved once, and what it resolved to is checked and connected to.</summary>
internal static class UrlHandler
{
    /// <summary>A handler that follows no redirect, asks no proxy, keeps no cookie and unpacks nothing.</summary>
    /// <param name="limits">What is allowed.</param>
    /// <param name="resolve">Gives a host's addresses.</param>
    public static SocketsHttpHandler Create(UrlLimits limits, Func<string, CancellationToken, Task<IPAddress[]>> resolve) =>
        new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = 4,
            MaxResponseHeadersLength = 32, // KiB
            PooledConnectionLifetime = TimeSpan.FromMinutes(2), // then its name is resolved, and checked, again
            ConnectCallback = async (context, stop) => await ConnectAsync(context.DnsEndPoint, limits, resolve, stop),
        };

    private static async Task<Stream> ConnectAsync(
        DnsEndPoint host,
        UrlLimits limits,
        Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        CancellationToken stop
    )
    {
        var addresses = IPAddress.TryParse(host.Host, out var literal) ? [literal] : await resolve(host.Host, stop);
        // All of them: a name that also leads inside is not to be trusted.
        if (Array.Find(addresses, address => !limits.Allows(host.Host, address)) is { } inside)
            throw new AddressRefusedException(
                $"the host {host.Host} is {inside}, which is no address of the public internet; it must be one, or stand in ingest.urlAllow"
            );
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
