namespace Pipeline.Sdk;

/// <summary>The settings of one stage: a sealed record of <c>init</c> properties with defaults, read from the pipeline file.</summary>
public interface IStageOptions
{
    /// <summary>Says what is wrong with the settings, one sentence each, all at once; empty when all are in range.</summary>
    /// <param name="stage">The stage's name in the pipeline, with which each sentence begins: <c>caption.microBatch is 0; it must be …</c>.</param>
    IEnumerable<string> Faults(string stage);

    /// <summary>Paths of the files that the settings name and whose bytes decide the output, such as weights: a changed file is a changed setting.</summary>
    IEnumerable<string> Files => [];

    /// <summary>The models that the settings name, as <c>org/name[@revision]</c>, <c>path:DIR</c> or <c>builtin:NAME</c>; the bytes of their files decide the output.</summary>
    IEnumerable<string> Models => [];
}
