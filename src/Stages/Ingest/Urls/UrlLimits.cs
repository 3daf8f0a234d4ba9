using System.Net;

namespace Pipeline.Stages.Ingest.Urls;

/// <summary>What a download may do.</summary>
public sealed record UrlLimits
{
    /// <summary>Whether http is allowed besides https.</summary>
    public bool Http { get; init; }

    /// <summary>Hosts by name, and networks as 127.0.0.0/8, that may be reached although they are not public.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Bytes of one image at the most.</summary>
    public long Bytes { get; init; } = 64L << 20;

    /// <summary>For one request, from connecting to the last byte.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Attempts after the first where the fault may pass.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Requests a second to one host.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>Redirects that are followed, one after the other.</summary>
    public int Redirects { get; init; } = 5;

    /// <summary>The wait before the first repeat; each further one is twice as long, and up to a half is taken off by chance of the address.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait that a server may ask for by Retry-After; for a longer one the image is set aside.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What the options say.</summary>
    public static UrlLimits Of(IngestOptions options) =>
        new()
        {
            Http = options.UrlHttp,
            Allow = options.UrlAllow,
            Bytes = options.UrlBytes,
            Time = options.UrlTime,
            Retries = options.UrlRetries,
            Rate = options.UrlRate,
        };

    /// <summary>Whether an address may be connected to.</summary>
    public bool Allows(string host, IPAddress address) =>
        PublicAddress.Is(address)
        || Allow.Any(allowed =>
            IPNetwork.TryParse(allowed, out var network)
                ? !address.IsIPv4MappedToIPv6 && network.Contains(address)
                : string.Equals(allowed, host, StringComparison.OrdinalIgnoreCase)
        );
}
