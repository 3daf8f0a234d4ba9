using Pipeline.Sdk;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A row of the stage <c>source</c>.</summary>
internal sealed record WordRow(string SampleId, string Word);

/// <summary>What <see cref="Shout"/> reads.</summary>
internal sealed record WordInput([property: Reads("source", "sample_id")] string SampleId, [property: Reads("source", "word")] string Word)
    : ISampleRow
{
    string? ISampleRow.Uri => $"{SampleId}.txt";
}

/// <summary>What <see cref="Shout"/> adds.</summary>
internal sealed record ShoutedRow(string SampleId, string? VariantId, string Text);
