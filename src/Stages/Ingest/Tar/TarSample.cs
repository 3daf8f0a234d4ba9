using Microsoft.Win32.SafeHandles;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>What a tar gives: a sample, or why a member, a sample or the rest of the tar is set aside.</summary>
/// <param name="Path">The image's within the tar; empty for the tar itself.</param>
/// <param name="Fault">Null for a sample.</param>
internal sealed record TarSample(string Path, Rejected? Fault)
{
    public static readonly IReadOnlyDictionary<string, string> NoExtra = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The class's name or number.</summary>
    public string Label { get; init; } = "";

    public string Split { get; init; } = SplitName.Train;

    public string Group { get; init; } = "";

    public IReadOnlyDictionary<string, string> Extra { get; init; } = NoExtra;

    /// <summary>Where the image, or the member that is set aside, begins, in bytes of the tar; of a packed one, of what it unpacks to. 0 for a sample or tar that is.</summary>
    public long Offset { get; init; }

    /// <summary>The tar as it is open while it is walked; null of a packed one.</summary>
    public SafeFileHandle? Tar { get; init; }

    /// <summary>Bytes of the encoded image.</summary>
    public long Size { get; init; }

    /// <summary>The encoded image, where it can be had on the way alone and was asked for.</summary>
    public byte[]? Bytes { get; init; }
}
