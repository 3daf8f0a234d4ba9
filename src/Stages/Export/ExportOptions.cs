using Pipeline.Sdk;

namespace Pipeline.Stages.Export;

/// <summary>How the augmented data set is cut into files.</summary>
public sealed record ExportOptions : IStageOptions
{
    private const long LeastBytes = 1L << 20;
    private const long MostBytes = 1L << 30;

    /// <summary>
    /// Bytes of images after which a file ends; 1 MiB to 1 GiB. One file is held in memory while it is written, so this bounds the memory too.
    /// </summary>
    public long ShardBytes { get; init; } = 256L << 20;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (ShardBytes is < LeastBytes or > MostBytes)
            yield return $"{stage}.shardBytes is {ShardBytes}; it must be between {LeastBytes} and {MostBytes} bytes. Set it in the pipeline file or with --set.";
    }
}
