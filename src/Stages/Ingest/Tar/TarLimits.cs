namespace Pipeline.Stages.Ingest.Tar;

/// <summary>What a tar may come to; the defaults are what the program uses.</summary>
internal sealed record TarLimits
{
    /// <summary>Members of one tar; 40 bytes of memory each, and three times the largest tars of ImageNet.</summary>
    public int Members { get; init; } = 4_000_000;

    /// <summary>Bytes of a cls, json or txt member, and of a header of a long name or of attributes.</summary>
    public int PartBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of an image.</summary>
    public long ImageBytes { get; init; } = SampleReader.MostFileBytes;

    /// <summary>Bytes of a member's path, as Linux limits them.</summary>
    public int PathBytes { get; init; } = 4096;

    /// <summary>Different fields of the json members of a source: each is a column.</summary>
    public int Columns { get; init; } = 256;

    /// <summary>How many times its size a .tar.gz may unpack to; images hardly shrink, small labels by about a hundred.</summary>
    public int Ratio { get; init; } = 200;

    /// <summary>Bytes that a .tar.gz may unpack to however small it is.</summary>
    public long FreeBytes { get; init; } = 64 << 20;
}
