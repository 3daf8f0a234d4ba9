using System.Net;
using System.Net.Sockets;

namespace Pipeline.Stages.Ingest.Urls;

/// <summary>Which addresses are of the public internet: IANA's special-purpose registries (RFC 6890 and its updates), as of 2026.</summary>
/// <remarks>An IPv6 address that carries an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo) is refused whatever it carries: a server that means to be reached has its own.</remarks>
public static class PublicAddress
{
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", // this network
            "10.0.0.0/8", // private
            "100.64.0.0/10", // carriers' own
            "127.0.0.0/8", // loopback
            "169.254.0.0/16", // link-local, and clouds' metadata
            "172.16.0.0/12", // private
            "192.0.0.0/24", // protocol assignments
            "192.0.2.0/24", // documentation
            "192.88.99.0/24", // 6to4 relays
            "192.168.0.0/16", // private
            "198.18.0.0/15", // benchmarking
            "198.51.100.0/24", // documentation
            "203.0.113.0/24", // documentation
            "224.0.0.0/4", // multicast
            "240.0.0.0/4", // reserved, and broadcast
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3"); // all that IANA has given out of IPv6

    private static readonly IPNetwork[] SpecialOfGlobal =
    [
        .. new[]
        {
            "2001::/23", // protocol assignments, Teredo among them
            "2001:db8::/32", // documentation
            "2002::/16", // 6to4
            "3fff::/20", // documentation
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Whether it is neither private nor loopback, link-local, multicast, reserved, nor one that carries an IPv4 address.</summary>
    public static bool Is(IPAddress address) =>
        // IPNetwork takes a mapped address for the one that it carries.
        !address.IsIPv4MappedToIPv6
        && address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(Special, network => network.Contains(address)),
            AddressFamily.InterNetworkV6 => Global.Contains(address)
                && !Array.Exists(SpecialOfGlobal, network => network.Contains(address)),
            _ => false,
        };
}
