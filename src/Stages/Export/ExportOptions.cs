using Pipeline.Sdk;

namespace Pipeline.Stages.Export;

/// <summary>How the augmented data set is cut into files.</summary>
public sealed record ExportOptions : IStageOptions
{
    private const long LeastBytes = 1L << 20;
    private const long MostBytes = 1L << 30;
    private const long LeastGroup = 1L << 10;
    private const long MostGroup = 1L << 28;

    /// <summary>
    /// Bytes of images after which a file ends; 1 MiB to 1 GiB. One file is held in memory while it is written, so this bounds the memory too.
    /// </summary>
    public long ShardBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Bytes of values after which a row group of a file ends; 1 KiB to 256 MiB. A reader that streams or draws rows at random fetches one group at
    /// a time: 8 MiB is one quick request and about a hundred photographs of 80 kB, and a hundred images a group is what <c>datasets</c> itself
    /// writes (<c>PARQUET_ROW_GROUP_SIZE_FOR_IMAGE_DATASETS</c>).
    /// </summary>
    public long RowGroupBytes { get; init; } = 8L << 20;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (ShardBytes is < LeastBytes or > MostBytes)
            yield return $"{stage}.shardBytes is {ShardBytes}; it must be between {LeastBytes} and {MostBytes} bytes. Set it in the pipeline file or with --set.";
        if (RowGroupBytes is < LeastGroup or > MostGroup)
            yield return $"{stage}.rowGroupBytes is {RowGroupBytes}; it must be between {LeastGroup} and {MostGroup} bytes. Set it in the pipeline file or with --set.";
    }
}
