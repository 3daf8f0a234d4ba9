using Pipeline.Models.Hub;

namespace Pipeline.Stages.Seeing;

/// <summary>Which safety checker, and how strict.</summary>
/// <param name="Model">As <c>builtin:NAME</c>, <c>org/name[@revision]</c> or <c>path:DIR</c>.</param>
/// <param name="Line">For a classifier: the sum of its unsafe classes at which an image is flagged, over 0 and at most 1.</param>
/// <param name="CallSize">Images in one model call, 1 to 256.</param>
/// <param name="Threads">Threads of a model call, 1 to 256; 0 for one a core.</param>
public sealed record CheckerChoice(string Model, double Line, int CallSize, int Threads = 0)
{
    /// <summary>The checker that the program ships.</summary>
    public const string BuiltIn = "builtin:nsfw-mobilenet-v2";

    /// <summary>What is wrong with it, one sentence each.</summary>
    /// <param name="stage">The stage's name.</param>
    /// <param name="model">Name of the option with the model.</param>
    /// <param name="line">Name of the option with the line.</param>
    public IEnumerable<string> Faults(string stage, string model, string line)
    {
        if (ModelName.Fault(Model) is { } fault)
        {
            yield return $"{stage}.{model} is '{Model}': {fault}";
        }

        if (!(Line is > 0 and <= 1))
        {
            yield return $"{stage}.{line} is {Line}; it must be over 0 and at most 1. Set it in the pipeline file or with --set.";
        }

        if (CallSize is < 1 or > 256)
        {
            yield return $"{stage}.callSize is {CallSize}; it must be between 1 and 256 images. Set it in the pipeline file or with --set.";
        }

        if (Threads is < 0 or > 256)
        {
            yield return $"{stage}.threads is {Threads}; it must be between 0 (one a core) and 256. Set it in the pipeline file or with --set.";
        }
    }
}
