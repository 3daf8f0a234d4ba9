namespace Pipeline.Stages.Ingest;

/// <summary>Why a sample is set aside, as it stands in its quarantine row.</summary>
/// <param name="Kind">A word of <see cref="SourceFault"/>, of <see cref="Tar.TarFault"/> or of <see cref="Models.Images.RejectionKind"/>.</param>
/// <param name="Message">What was found, what was wanted, and what to do.</param>
public sealed record Rejected(string Kind, string Message);

/// <summary>The reasons that lie with the file and not with the bytes in it.</summary>
public static class SourceFault
{
    /// <summary>The name is not UTF-8 or too long, so that the file cannot be opened by it.</summary>
    public const string FileName = "file-name";

    /// <summary>The table or a link names a file that is not there, or it went away after it was listed.</summary>
    public const string MissingFile = "missing-file";

    /// <summary>An image with the same bytes lies in another split.</summary>
    public const string InTwoSplits = "in-two-splits";

    /// <summary>It came while the run was followed, and is of a class that the run does not know.</summary>
    public const string NewClass = "new-class";

    /// <summary>The address, or one that it leads to, may not be asked: its scheme, or a host that is not of the public internet.</summary>
    public const string UrlRefused = "url-refused";

    /// <summary>The address gave no image: a status, a time-out, a connection that broke. Some of these pass by themselves; the next run asks again.</summary>
    public const string UrlFailed = "url-failed";

    /// <summary>The server asks by X-Robots-Tag that the image be not used.</summary>
    public const string Robots = "robots";

    /// <summary>The system refused to read it: no permission, or a failing disk. The only fault that may pass by itself.</summary>
    public const string Unreadable = "unreadable";
}
