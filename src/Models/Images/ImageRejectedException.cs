namespace Pipeline.Models.Images;

/// <summary>Bytes that are not taken as an image; the one way in which header reading and decoding fail on their input.</summary>
/// <remarks>
/// The message says what was found and what was wanted and depends on the bytes alone. The caller sets the sample aside
/// with <see cref="Kind"/> and the message; trying again with the same bytes gives the same rejection.
/// </remarks>
/// <param name="kind">One of the words in <see cref="RejectionKind"/>.</param>
/// <param name="message">What was found, what was wanted, and what to do.</param>
/// <param name="inner">What the decoding library threw, for the log; its text may differ from run to run.</param>
public sealed class ImageRejectedException(string kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The machine-readable reason: one of the words in <see cref="RejectionKind"/>.</summary>
    public string Kind { get; } = kind;

    internal static ImageRejectedException Truncated(string message) =>
        new(RejectionKind.Truncated, message + " The file is cut short: fetch it again or leave it out.");

    internal static ImageRejectedException Corrupt(string message) =>
        new(RejectionKind.Corrupt, message + " The file is damaged: fetch it again or leave it out.");

    internal static ImageRejectedException Unsupported(string message) =>
        new(RejectionKind.Unsupported, message + " Convert it to a plain JPEG or PNG.");
}

/// <summary>The reasons for which bytes are rejected, as they stand in quarantine rows.</summary>
public static class RejectionKind
{
    /// <summary>There are no bytes at all.</summary>
    public const string Empty = "empty";

    /// <summary>The first bytes are those of no image format that is known here, whatever the file's name says.</summary>
    public const string NotAnImage = "not-an-image";

    /// <summary>The bytes end before the image does.</summary>
    public const string Truncated = "truncated";

    /// <summary>The bytes contradict their format.</summary>
    public const string Corrupt = "corrupt";

    /// <summary>Width × height is above <see cref="DecodeLimits.Pixels"/>.</summary>
    public const string TooLarge = "too-large";

    /// <summary>More frames or pages than <see cref="DecodeLimits.Frames"/>.</summary>
    public const string TooManyFrames = "too-many-frames";

    /// <summary>More metadata than <see cref="DecodeLimits.MetadataBytes"/>.</summary>
    public const string TooMuchMetadata = "too-much-metadata";

    /// <summary>An image, but of a format or of a variant of one that is not decoded here.</summary>
    public const string Unsupported = "unsupported";
}
