using Pipeline.Sdk;
using Pipeline.Shards.Records;

namespace Pipeline.Stages.Edit;

/// <summary>What the edit stage reads of a sample.</summary>
public sealed record EditInput(
    [Reads("ingest", "sample_id")] string SampleId,
    [Reads("ingest", "uri")] string Uri,
    [Reads("ingest", "container")] string? Container,
    [Reads("ingest", "offset")] long Offset,
    [Reads("ingest", "length")] long Length,
    [Reads("ingest", "image")] byte[]? Image,
    [Reads("ingest", "split")] string Split,
    [Reads("ingest", "label_name")] string LabelName
) : ISampleRow;

/// <summary>What the edit stage adds: one row for each edit.</summary>
/// <param name="SampleId">The edit's source.</param>
/// <param name="VariantId">The edit: a hash of source, recipe and variant number.</param>
/// <param name="Prompt">What the edit was asked to show.</param>
/// <param name="PromptIndex">Index of the description, from 0.</param>
/// <param name="Variant">Index of the edit among those of one source and description, from 0.</param>
/// <param name="Strength">How far it could move from its source, 0 to 1.</param>
/// <param name="Image">The edit as JPEG, of its source's size.</param>
/// <param name="Extra">Where flagged edits are made again: <c>attempt</c>, how often this one was, 0 to 3. Else there is no such column.</param>
public sealed record EditRow(
    string SampleId,
    string VariantId,
    string Prompt,
    int PromptIndex,
    int Variant,
    double Strength,
    byte[] Image,
    [ExtraColumns] IReadOnlyDictionary<string, string> Extra
);
