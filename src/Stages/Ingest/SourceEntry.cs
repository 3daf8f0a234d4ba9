using Microsoft.Win32.SafeHandles;

namespace Pipeline.Stages.Ingest;

/// <summary>One sample as the source lists it, before its file is opened.</summary>
/// <param name="Uri">What identifies the image within the source: its path relative to <see cref="IngestSource.Root"/>, parts separated by '/', not percent-encoded; in a container that of the container, and the image's name within; or its address.</param>
/// <param name="Label">Index of <paramref name="LabelName"/> in <see cref="IngestSource.ClassNames"/>.</param>
/// <param name="LabelName">The class.</param>
/// <param name="Split">train, validation, or a test split's own name: test, or one that begins with test_.</param>
/// <param name="Group">What metrics are also told by; empty if the source says nothing.</param>
/// <param name="Extra">The table's further columns, by the names they have there; empty for a folder.</param>
/// <param name="LineOrNull">Line of the table on which the row begins, the header's being 1; null for a folder.</param>
public sealed record SourceEntry(
    string Uri,
    int Label,
    string LabelName,
    string Split,
    string Group,
    IReadOnlyDictionary<string, string> Extra,
    int? LineOrNull
)
{
    /// <summary>The file that holds the image among others, relative to the root as <see cref="Uri"/> is; null when that is the file itself.</summary>
    public string? Container { get; init; }

    /// <summary>The container as the listing has it open, so that it need not be opened for every image; closed once the listing has left it.</summary>
    internal SafeFileHandle? OpenContainer { get; init; }

    /// <summary>Where in the file the encoded image begins, in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes of the encoded image when it was listed; 0 if the listing cannot tell, as for an address.</summary>
    public long Size { get; init; }

    /// <summary>Gives the encoded bytes where they are no range of a file (compressed, or fetched); null where they are. Their rows carry the bytes.</summary>
    public Func<CancellationToken, ValueTask<Fetched>>? Fetch { get; init; }

    /// <summary>When the file was last modified, in UTC ticks of 100 ns.</summary>
    public long ModifiedTicks { get; init; }

    /// <summary>Why the file cannot be opened, if the listing already knows; else null.</summary>
    public Rejected? Fault { get; init; }
}
