using Pipeline.Models.Onnx;
using Pipeline.Models.Weights;

namespace Pipeline.Models.Clip;

/// <summary>What runs the towers.</summary>
public enum ClipBackend
{
    /// <summary>ONNX Runtime where the folder has graphs, else TorchSharp.</summary>
    Auto,

    /// <summary>ONNX Runtime on the folder's graphs.</summary>
    Onnx,

    /// <summary>TorchSharp on the folder's safetensors.</summary>
    Torch,
}

/// <summary>How a CLIP encoder runs. Every one of these may change the last bits of an embedding, <see cref="Pixels"/>, <see cref="Compute"/> and <see cref="Quantization"/> more.</summary>
public sealed record ClipSettings
{
    /// <summary>What runs the towers.</summary>
    public ClipBackend Backend { get; init; } = ClipBackend.Auto;

    /// <summary>The type that TorchSharp computes in; a graph has its own.</summary>
    public ComputeType Compute { get; init; } = ComputeType.Float32;

    /// <summary>How images are decoded.</summary>
    public ClipPixels Pixels { get; init; } = ClipPixels.Exact;

    /// <summary>Images, or texts, in one model call at first; 1 to 1024. 16 keeps two cores busy and the results of a ViT-B/32 layer in their caches.</summary>
    public int CallSize { get; init; } = 16;

    /// <summary>CPU threads of a call, 1 to <see cref="OnnxOptions.MostThreads"/>; the machine's cores by default.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, OnnxOptions.MostThreads);

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>How a graph's weights are stored: one of <see cref="OnnxFolder.Quantizations"/>; null as they were exported.</summary>
    public string? Quantization { get; init; }

    /// <summary>Told when a device that was asked for is not there and the CPU is used.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>What is shared between encoders: all that the towers themselves depend on.</summary>
    internal string TowerKey => $"{Backend} {Compute} {Threads} {Device} {Variant}";

    /// <summary>The quantization by its word.</summary>
    internal string Variant => Quantization ?? OnnxFolder.Plain;

    internal void Check()
    {
        if (CallSize is < 1 or > 1024)
        {
            throw new ArgumentException($"The call size is {CallSize}; it must be between 1 and 1024 images. Correct the setting.");
        }

        if (Threads is < 1 or > OnnxOptions.MostThreads)
        {
            throw new ArgumentException(
                $"The threads are {Threads}; they must be between 1 and {OnnxOptions.MostThreads}. Correct the setting."
            );
        }

        if (!OnnxFolder.Quantizations.Contains(Variant))
        {
            throw new ArgumentException(
                $"The quantization is {Quantization}; it must be one of {string.Join(", ", OnnxFolder.Quantizations)}. Correct the setting."
            );
        }

        if (Variant != OnnxFolder.Plain && Backend == ClipBackend.Torch)
        {
            throw new ArgumentException(
                $"The quantization is {Quantization} and the backend torch; quantized graphs run on ONNX Runtime alone. Set the backend to onnx or auto."
            );
        }
    }
}
