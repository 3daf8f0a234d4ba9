using Pipeline.Models.Hub;
using Pipeline.Models.Weights;
using Pipeline.Sdk;

namespace Pipeline.Stages.Seeing;

/// <summary>The settings of a stage that puts images or texts into an encoder's space.</summary>
public interface IEncoderOptions : IStageOptions
{
    /// <summary>The encoder, as <c>org/name[@revision]</c> or <c>path:DIR</c>.</summary>
    string Model { get; }

    /// <summary><c>auto</c> (ONNX Runtime where the model has graphs, else TorchSharp), <c>onnx</c> or <c>torch</c>.</summary>
    string Backend { get; }

    /// <summary>What TorchSharp computes in: <c>float32</c> or <c>bfloat16</c>.</summary>
    string Dtype { get; }

    /// <summary><c>exact</c>, or <c>fast</c>: JPEG decoded at a smaller scale.</summary>
    string Preprocess { get; }

    /// <summary>Images, or texts, in one model call, 1 to 1024; shorter calls are padded to it.</summary>
    int CallSize { get; }

    /// <summary>Threads of a model call, 1 to 256; 0 for one a core.</summary>
    int Threads { get; }

    /// <summary>Which variant of an ONNX graph, by the ending of its file's name, such as <c>quantized</c>; null for the plain one.</summary>
    string? Quantization { get; }
}

/// <summary>The check of such settings.</summary>
public static class EncoderFaults
{
    /// <summary>The encoder that ALIA filters with and LAION's aesthetic predictors read.</summary>
    public const string DefaultModel = "openai/clip-vit-large-patch14";

    /// <summary>What is wrong, one sentence each.</summary>
    public static IEnumerable<string> Of(string stage, IEncoderOptions options)
    {
        if (ModelName.Fault(options.Model) is { } fault)
        {
            yield return $"{stage}.model is '{options.Model}': {fault}";
        }

        if (options.Backend is not ("auto" or "onnx" or "torch"))
        {
            yield return $"{stage}.backend is '{options.Backend}'; it must be auto, onnx or torch. Set it in the pipeline file or with --set.";
        }

        if (Dtype(stage, options.Dtype) is { } dtype)
        {
            yield return dtype;
        }

        if (options.Preprocess is not ("exact" or "fast"))
        {
            yield return $"{stage}.preprocess is '{options.Preprocess}'; it must be exact or fast. Set it in the pipeline file or with --set.";
        }

        if (options.CallSize is < 1 or > 1024)
        {
            yield return $"{stage}.callSize is {options.CallSize}; it must be between 1 and 1024 images. Set it in the pipeline file or with --set.";
        }

        if (options.Threads is < 0 or > 256)
        {
            yield return $"{stage}.threads is {options.Threads}; it must be between 0 (one a core) and 256. Set it in the pipeline file or with --set.";
        }

        if (options.Quantization is not null && options.Backend == "torch")
        {
            yield return $"{stage}.quantization is {options.Quantization} and {stage}.backend is torch; quantized graphs must run on ONNX Runtime. Set {stage}.backend to onnx or auto.";
        }
    }

    private static string? Dtype(string stage, string word)
    {
        try
        {
            ComputeType.Parse(word, $"{stage}.dtype");
            return null;
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }
}
