namespace Pipeline.Stages.Caption;

/// <summary>What the caption stage adds.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Caption">One sentence about the image.</param>
public sealed record CaptionRow(string SampleId, string Caption);
