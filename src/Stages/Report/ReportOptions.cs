using Pipeline.Sdk;

namespace Pipeline.Stages.Report;

/// <summary>How much the contact sheet shows.</summary>
public sealed record ReportOptions : IStageOptions
{
    private const int MostSources = 100;
    private const int MostEdits = 16;

    /// <summary>Source images on the contact sheet, one row each; 1 to 100. Eight with six edits each make a picture of 3 to 4 MB.</summary>
    public int Sources { get; init; } = 8;

    /// <summary>Edits shown beside a source; 1 to 16.</summary>
    public int Edits { get; init; } = 6;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Sources is < 1 or > MostSources)
            yield return $"{stage}.sources is {Sources}; it must be between 1 and {MostSources} images. Set it in the pipeline file or with --set.";
        if (Edits is < 1 or > MostEdits)
            yield return $"{stage}.edits is {Edits}; it must be between 1 and {MostEdits} images. Set it in the pipeline file or with --set.";
    }
}
