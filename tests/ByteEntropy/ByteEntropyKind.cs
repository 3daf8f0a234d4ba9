using Pipeline.Sdk;

namespace ByteEntropy;

/// <summary>Settings of the stage.</summary>
public sealed record ByteEntropyOptions : IStageOptions
{
    /// <summary>Bytes at the file's end that are looked at, where its pixels are; 1 or more.</summary>
    public int LastBytes { get; init; } = 65536;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage) =>
        LastBytes >= 1 ? [] : [$"{stage}.lastBytes is {LastBytes}; it must be 1 byte or more. Set it in the pipeline file or with --set."];
}

/// <summary>What the stage adds.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="ByteEntropy">Bits a byte, 0 to 8; well below 7.5 the file is padded, damaged or hardly compressed.</param>
public sealed record ByteEntropyRow(string SampleId, double ByteEntropy);

/// <summary>Measures how much the encoded bytes of each image tell.</summary>
public sealed class ByteEntropyKind : StageKind<ByteEntropyOptions, IngestedImage, byte[], double, ByteEntropyRow>
{
    /// <inheritdoc/>
    public override string Name => "byte_entropy";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public override IStage<IngestedImage, byte[], double, ByteEntropyRow> Create(ByteEntropyOptions options, StageContext context) =>
        new ByteEntropyStage(options, context);
}

/// <summary>Shannon entropy of the last bytes of each encoded image.</summary>
public sealed class ByteEntropyStage(ByteEntropyOptions options, StageContext context)
    : IStage<IngestedImage, byte[], double, ByteEntropyRow>
{
    /// <inheritdoc/>
    public IReadOnlyList<Item<byte[]>> Prepare(IngestedImage row) =>
        [new(row.SampleId, null, [.. context.Bytes(row).TakeLast(options.LastBytes)])];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<double>> InferAsync(IReadOnlyList<Item<byte[]>> items, CancellationToken stop) =>
        new([.. items.Select(item => Bits(item.Value))]);

    /// <inheritdoc/>
    public ByteEntropyRow Finish(Item<byte[]> item, double result) => new(item.SampleId, result);

    private static double Bits(byte[] bytes) =>
        -bytes.CountBy(value => value).Sum(count => (double)count.Value / bytes.Length * Math.Log2((double)count.Value / bytes.Length));
}
