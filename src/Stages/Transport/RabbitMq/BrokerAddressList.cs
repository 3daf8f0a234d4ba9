namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>What the written addresses of a broker's nodes say. The virtual host is the path, <c>/</c> when there is none; the port is 5672, for TLS 5671, when there is none.</summary>
internal sealed record BrokerAddressList(IReadOnlyList<BrokerAddress> Addresses, bool Tls, string VirtualHost)
{
    private const int PlainPort = 5672;
    private const int TlsPort = 5671;

    /// <summary>Reads addresses parted by commas.</summary>
    /// <exception cref="BrokerException">One is no address, holds credentials, or they do not fit together.</exception>
    internal static BrokerAddressList Parse(string text)
    {
        var nodes = text.Split(',', StringSplitOptions.TrimEntries).Select(Node).ToList();
        var (_, tls, virtualHost) = nodes[0];
        return nodes.TrueForAll(node => node.Tls == tls && node.VirtualHost == virtualHost)
            ? new([.. nodes.Select(node => node.Address)], tls, virtualHost)
            : throw new BrokerException(
                $"The broker's addresses {text} name nodes of different kinds; all must have one scheme and one virtual host. Name the nodes of one cluster."
            );
    }

    private static (BrokerAddress Address, bool Tls, string VirtualHost) Node(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            throw new BrokerException(
                $"The broker's address is '{WithoutCredentials(text)}'; it must be amqp://host:port/virtual-host, or amqps:// for TLS; port and virtual host may be left out. Write it so."
            );
        }

        if (uri.UserInfo.Length > 0)
        {
            throw new BrokerException(
                $"The broker's address for {uri.Host} holds credentials; they must not stand where others can read them. "
                    + $"Set {BrokerCredentials.UserVariable} and {BrokerCredentials.PasswordVariable} or {BrokerCredentials.PasswordFileVariable} instead."
            );
        }

        var path = uri.AbsolutePath.Trim('/');
        if (path.Contains('/', StringComparison.Ordinal) || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new BrokerException(
                $"The broker's address is {text}; behind the port it must have one virtual host and nothing else. Write a / within its name as %2F."
            );
        }

        var tls = uri.Scheme == "amqps";
        var port =
            uri.Port > 0 ? uri.Port
            : tls ? TlsPort
            : PlainPort;
        return (new BrokerAddress(uri.IdnHost, port), tls, path.Length == 0 ? "/" : Uri.UnescapeDataString(path));
    }

    private static string WithoutCredentials(string text) => text[(text.LastIndexOf('@') + 1)..];
}
