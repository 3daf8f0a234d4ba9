namespace Pipeline.Stages.Tests.Ingest;

/// <summary>A row of a file that <see cref="ParquetInput"/> writes.</summary>
internal sealed record ParquetRow(byte[]? Bytes, string? Path, long? Label)
{
    public string? Name { get; init; }

    public string? Split { get; init; }

    public string? Group { get; init; }

    public double? Score { get; init; }

    public float[]? Box { get; init; }
}
