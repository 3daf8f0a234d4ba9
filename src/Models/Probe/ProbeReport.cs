namespace Pipeline.Models.Probe;

/// <summary>What a model sees in one picture.</summary>
/// <param name="Model">What it is: <c>clip ViT-B/32 …</c>, <c>resnet50</c>, <c>safety checker</c>.</param>
/// <param name="Ranking">Texts or classes with their probabilities, 0 to 1, largest first.</param>
/// <param name="Verdict">A sentence besides; empty where the ranking says it all.</param>
public sealed record ProbeReport(string Model, IReadOnlyList<(string What, double Probability)> Ranking, string Verdict);
