namespace Pipeline.Stages.Quality;

/// <summary>What an edit is held against. What is exactly at a limit passes.</summary>
/// <param name="MinScore">The least aesthetic score; null for no limit.</param>
/// <param name="MaxGap">How much the scores of edit and source may differ at most; null for no limit.</param>
/// <param name="MinSharpness">The least sharpness; null for no limit.</param>
/// <param name="MaxClipped">The largest share of nearly black or nearly white pixels; null for no limit.</param>
public sealed record QualityLimits(double? MinScore, double? MaxGap, double? MinSharpness, double? MaxClipped)
{
    /// <summary>The word in the pipeline file.</summary>
    public const string InstructDiffusionName = "instructdiffusion";

    /// <summary>Aesthetic score at least 5.5, gap at most 0.5: not in the paper (Geng et al. 2024); read from the name of the keep-list that its code loads.</summary>
    public static QualityLimits InstructDiffusion { get; } = new(5.5, 0.5, null, null);

    /// <summary>The first thing that is wrong: <c>low_score</c>, <c>large_gap</c>, <c>blurred</c> or <c>badly_exposed</c>; else <c>keep</c>.</summary>
    public string Verdict(QualityFigures figures) =>
        figures.Score < (float?)MinScore ? "low_score"
        : Math.Abs(figures.Score - figures.SourceScore ?? 0) > (float?)MaxGap ? "large_gap"
        : figures.Sharpness < (float?)MinSharpness ? "blurred"
        : figures.Shadows + figures.Highlights > (float?)MaxClipped ? "badly_exposed"
        : "keep";
}

/// <summary>What is measured of an edit.</summary>
/// <param name="Score">Its aesthetic score; null without a predictor.</param>
/// <param name="SourceScore">Its source's; null without a predictor.</param>
/// <param name="Sharpness">Variance of its Laplacian, squared grey levels.</param>
/// <param name="Shadows">Share of nearly black pixels, 0 to 1.</param>
/// <param name="Highlights">Share of nearly white pixels, 0 to 1.</param>
/// <param name="Luminance">Mean luma, 0 (black) to 1 (white).</param>
public sealed record QualityFigures(float? Score, float? SourceScore, float Sharpness, float Shadows, float Highlights, float Luminance);
