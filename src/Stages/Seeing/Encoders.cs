using Pipeline.Models;
using Pipeline.Models.Clip;
using Pipeline.Models.Weights;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Seeing;

/// <summary>Opens the encoder of a stage; the caller disposes it.</summary>
/// <param name="site">The stage.</param>
/// <param name="options">Settings that have passed their check.</param>
public delegate IImageTextEncoder OpenEncoder(StageSite site, IEncoderOptions options);

/// <summary>Opens encoders from the run's models.</summary>
public static class Encoders
{
    /// <summary>Opens one. Stages of equal settings share its weights and sessions.</summary>
    /// <exception cref="Models.Hub.ModelMissingException">The model is not there; the message has the command that gets it.</exception>
    /// <exception cref="InvalidDataException">Its files are not those of an encoder that is supported.</exception>
    public static IImageTextEncoder Open(StageSite site, IEncoderOptions options)
    {
        var settings = new ClipSettings
        {
            Backend = Enum.Parse<ClipBackend>(options.Backend, ignoreCase: true),
            Compute = ComputeType.Parse(options.Dtype),
            Pixels = options.Preprocess == "fast" ? ClipPixels.Fast : ClipPixels.Exact,
            CallSize = options.CallSize,
            Quantization = options.Quantization,
            Notice = site.Run.Notice,
        };
        return ClipEncoder.Open(
            site.Run.Models.Find(options.Model).Path,
            options.Threads == 0 ? settings : settings with { Threads = options.Threads }
        );
    }
}
