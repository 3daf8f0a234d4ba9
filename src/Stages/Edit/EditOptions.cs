using Pipeline.Models.Images;
using Pipeline.Sdk;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Edit;

/// <summary>Settings of the edit stage.</summary>
public sealed record EditOptions : IStageOptions
{
    /// <summary>An edit that was flagged so often is flagged for what it shows, not for its seed.</summary>
    private const int MostRemakes = 3;

    /// <summary>What edits: <c>procedural</c>, from the words of the description.</summary>
    public string Backend { get; init; } = "procedural";

    /// <summary>How far an edit may move from its source, 0 to 1.</summary>
    public double Strength { get; init; } = 0.7;

    /// <summary>Edits of one image by one description, 1 to 100.</summary>
    public int Variants { get; init; } = 1;

    /// <summary>Descriptions used in place of the artifact's; each holds <c>{}</c> for the class. Empty: the artifact's.</summary>
    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>Edits in one model call, 1 to 1024.</summary>
    public int MicroBatch { get; init; } = 8;

    /// <summary>JPEG quality of what is written, 1 to 100; 95 is hard to tell from the edit itself.</summary>
    public int Quality { get; init; } = 95;

    /// <summary>
    /// How edits thin out colour: <c>none</c> (4:4:4) or <c>quarter</c> (4:2:0, a fifth smaller). None, because a class may differ by colours
    /// a pixel wide, and an edit is encoded once more than its source.
    /// </summary>
    public ChromaSubsampling Subsampling { get; init; } = ChromaSubsampling.None;

    /// <summary>Times that an edit which <see cref="Checker"/> flags is made again, each with a new seed, before it stays flagged; 0 to 3. 0: edits are not checked here.</summary>
    [AddedLater]
    public int Remake { get; init; }

    /// <summary>The safety checker that says which edits are made again, as the safety stage after this one has it; null where none is.</summary>
    [AddedLater]
    public string? Checker { get; init; }

    /// <summary>The sum of its unsafe classes at which the checker flags an edit, over 0 and at most 1, as the safety stage has it.</summary>
    [AddedLater]
    public double CheckerLine { get; init; } = 0.5;

    /// <summary>What edits are checked with before they are written; null where they are not.</summary>
    internal CheckerChoice? Choice =>
        Remake > 0 && Checker is { } model ? new CheckerChoice(model, CheckerLine, Math.Min(MicroBatch, 256)) : null;

    /// <inheritdoc/>
    IEnumerable<string> IStageOptions.Models => Choice is { } choice ? [choice.Model] : [];

    /// <summary>Images decoded and encoded at one time, 0 to 256; 0 for one a core.</summary>
    [ContentNeutral]
    public int Workers { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Backend != "procedural")
        {
            yield return $"{stage}.backend is '{Backend}'; it must be procedural. Set it in the pipeline file or with --set.";
        }

        if (!(Strength is >= 0 and <= 1))
        {
            yield return $"{stage}.strength is {Strength}; it must be between 0 and 1. Set it in the pipeline file or with --set.";
        }

        if (Variants is < 1 or > 100)
        {
            yield return $"{stage}.variants is {Variants}; it must be between 1 and 100. Set it in the pipeline file or with --set.";
        }

        if (MicroBatch is < 1 or > 1024)
        {
            yield return $"{stage}.microBatch is {MicroBatch}; it must be between 1 and 1024 edits. Set it in the pipeline file or with --set.";
        }

        if (Quality is < 1 or > 100)
        {
            yield return $"{stage}.quality is {Quality}; it must be between 1 and 100. Set it in the pipeline file or with --set.";
        }

        if (Remake is < 0 or > MostRemakes)
        {
            yield return $"{stage}.remake is {Remake}; it must be between 0 and {MostRemakes} times. Set it in the pipeline file or with --set.";
        }

        if (Remake > 0 && Checker is null)
        {
            yield return $"{stage}.remake is {Remake} and {stage}.checker is null; what is to be made again must be found by a safety checker. "
                + $"Set {stage}.checker={CheckerChoice.BuiltIn}, or {stage}.remake=0.";
        }

        foreach (var fault in Choice?.Faults(stage, "checker", "checkerLine") ?? [])
        {
            yield return fault;
        }

        if (!Enum.IsDefined(Subsampling))
        {
            yield return $"{stage}.subsampling is {Subsampling}; it must be none or quarter. Set it in the pipeline file or with --set.";
        }

        if (Workers is < 0 or > 256)
        {
            yield return $"{stage}.workers is {Workers}; it must be between 0 (one a core) and 256. Set it in the pipeline file or with --set.";
        }
    }
}
