using Pipeline.Sdk;

namespace Pipeline.Stages.Report;

/// <summary>How much the report shows.</summary>
public sealed record ReportOptions : IStageOptions
{
    private const int MostSources = 100;
    private const int MostEdits = 16;
    private const int MostPairs = 1000;

    /// <summary>Source images on the contact sheet, one row each; 1 to 100. Eight with six edits each make a picture of 3 to 4 MB.</summary>
    public int Sources { get; init; } = 8;

    /// <summary>Edits shown beside a source; 1 to 16.</summary>
    public int Edits { get; init; } = 6;

    /// <summary>Edits beside their sources on the page; 0 to 1,000. A pair takes about 15 kB of the file: 120 make it 2 MB.</summary>
    public int Pairs { get; init; } = 120;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Sources is < 1 or > MostSources)
            yield return $"{stage}.sources is {Sources}; it must be between 1 and {MostSources} images. Set it in the pipeline file or with --set.";
        if (Edits is < 1 or > MostEdits)
            yield return $"{stage}.edits is {Edits}; it must be between 1 and {MostEdits} images. Set it in the pipeline file or with --set.";
        if (Pairs is < 0 or > MostPairs)
            yield return $"{stage}.pairs is {Pairs}; it must be between 0 and {MostPairs} pairs. Set it in the pipeline file or with --set.";
    }
}
