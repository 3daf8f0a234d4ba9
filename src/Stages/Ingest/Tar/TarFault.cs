namespace Pipeline.Stages.Ingest.Tar;

/// <summary>The reasons that lie with a tar or with how its members make samples.</summary>
public static class TarFault
{
    /// <summary>The member's path is absolute, leads out by '..', or is none.</summary>
    public const string UnsafePath = "unsafe-path";

    /// <summary>The member is a link, a device, a pipe, sparse, or of an unknown type.</summary>
    public const string NotAFile = "not-a-file";

    /// <summary>The sample has a part of that name already.</summary>
    public const string DuplicateName = "duplicate-name";

    /// <summary>Another sample of the tar, not next to it, has the same key.</summary>
    public const string DuplicateKey = "duplicate-key";

    /// <summary>The sample has an image of another format already.</summary>
    public const string SecondImage = "second-image";

    /// <summary>The sample has no image.</summary>
    public const string NoImage = "no-image";

    /// <summary>The sample has no class.</summary>
    public const string NoLabel = "no-label";

    /// <summary>The cls, json or txt of a sample cannot be understood.</summary>
    public const string BadPart = "bad-part";

    /// <summary>The tar is cut off or damaged; what came before is taken, what follows is not.</summary>
    public const string Damaged = "damaged-tar";

    /// <summary>The tar has more members, or unpacks to more, than is allowed; what came before is taken.</summary>
    public const string OverLimit = "tar-limit";
}
