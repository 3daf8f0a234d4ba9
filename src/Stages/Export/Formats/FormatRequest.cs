namespace Pipeline.Stages.Export.Formats;

/// <summary>A copy of a finished data set that is to be made.</summary>
public sealed record FormatRequest
{
    /// <summary>1 MiB.</summary>
    public const long LeastShardBytes = 1L << 20;

    /// <summary>64 GiB.</summary>
    public const long MostShardBytes = 1L << 36;

    /// <summary>256 MiB, as the Parquet files: large enough to be read in one stretch, small enough to be shuffled among.</summary>
    public const long DefaultShardBytes = 256L << 20;

    /// <summary>Its form.</summary>
    public required ExportFormat Format { get; init; }

    /// <summary>The folder that it comes to: missing or empty.</summary>
    public required string Output { get; init; }

    /// <summary>The splits that are copied; all where none is named.</summary>
    public IReadOnlyList<string> Splits { get; init; } = [];

    /// <summary>Bytes after which a tar file ends, with the sample that reaches it; <see cref="LeastShardBytes"/> to <see cref="MostShardBytes"/>.</summary>
    public long ShardBytes { get; init; } = DefaultShardBytes;
}

/// <summary>What a copy came to.</summary>
/// <param name="Split">The split.</param>
/// <param name="Rows">Images of it.</param>
/// <param name="Files">Files that hold them.</param>
public sealed record FormatResult(string Split, long Rows, int Files);
