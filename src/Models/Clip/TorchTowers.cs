using System.Runtime.InteropServices;
using Pipeline.Models.Calls;
using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>Both towers in TorchSharp, from a folder's safetensors.</summary>
internal sealed class TorchTowers : IClipTowers
{
    private const string LogScale = "logit_scale";
    private readonly Lock turn = new();
    private readonly int dimension;
    private int threads = 1;
    private Device device = CPU;

    private TorchTowers(ClipConfig config, ComputeType compute, Device device)
    {
        dimension = config.Dimension;
        Vision = new ClipVision(config.Vision, config.Dimension, compute.Scalar, device);
        Text = new ClipText(config.Text, config.Dimension, compute.Scalar, device);
    }

    /// <summary>The tower of images.</summary>
    public ClipVision Vision { get; }

    /// <summary>The tower of texts.</summary>
    public ClipText Text { get; }

    /// <inheritdoc/>
    public float Scale { get; private set; }

    /// <summary>Names and shapes of every tensor that a file must hold; takes no memory for values.</summary>
    public static IReadOnlyDictionary<string, long[]> Layout(ClipConfig config)
    {
        using var plan = new TorchTowers(config, ComputeType.Float32, META);
        return plan.Targets()
            .Select(item => (item.Name, item.Target.shape))
            .Append((LogScale, []))
            .ToDictionary(item => item.Item1, item => item.Item2);
    }

    /// <summary>Loads both towers.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown or of another shape or type; the message names all of them.</exception>
    public static TorchTowers Load(string folder, ClipConfig config, ClipSettings settings)
    {
        using var weights = WeightFiles.Open(folder);
        var scale = ReadScale(weights);
        var towers = TowerWeights.Load(
            weights,
            place => new TorchTowers(config, settings.Compute, place),
            made => made.Targets(),
            name => name != LogScale
        );
        towers.Scale = scale;
        towers.threads = settings.Threads;
        towers.Move(settings.Device);
        return towers;
    }

    /// <summary>The factor, which files hold as its logarithm.</summary>
    /// <exception cref="InvalidDataException">It is missing, or is no number that a factor can be.</exception>
    public static float ReadScale(IWeights weights)
    {
        if (!weights.Entries.TryGetValue(LogScale, out var entry) || entry.Shape.Aggregate(1L, (product, size) => product * size) != 1)
        {
            throw new InvalidDataException(
                $"{weights.Path}: {LogScale} is missing or no single number; a CLIP model has it. Check that this is a whole CLIP model."
            );
        }

        using var stored = weights.Tensor(LogScale, ComputeType.Float32);
        var scale = MathF.Exp(stored.item<float>());
        return float.IsFinite(scale) && scale > 0
            ? scale
            : throw new InvalidDataException(
                $"{weights.Path}: {LogScale} is {stored.item<float>()}; its exponential must be over 0 and finite. Fetch the file again."
            );
    }

    /// <inheritdoc/>
    public void Images(float[] pixels, int rows, float[] results) =>
        Call(
            () =>
            {
                var size = Vision.Config.ImageSize;
                return Vision.Forward(tensor(pixels, [rows, 3, size, size]).to(device)).Projected;
            },
            results
        );

    /// <inheritdoc/>
    public void Texts(long[] ids, int rows, float[] results) =>
        Call(() => Text.Forward(tensor(ids, [rows, ids.Length / rows]).to(device), attention: null).Projected, results);

    /// <inheritdoc/>
    public void Dispose()
    {
        Vision.Dispose();
        Text.Dispose();
    }

    private IEnumerable<(string Name, Tensor Target)> Targets() =>
        Vision.Targets("vision_model.", "visual_projection.weight").Concat(Text.Targets("text_model.", "text_projection.weight"));

    private void Move(string name)
    {
        device = new Device(name);
        if (device.type != DeviceType.CPU)
        {
            Vision.to(device);
            Text.to(device);
        }
    }

    /// <summary>Calls take turns: each uses all the threads that it may.</summary>
    private void Call(Func<Tensor?> work, float[] results)
    {
        lock (turn)
        {
            set_num_threads(threads);
            using var scope = NewDisposeScope();
            using var quiet = inference_mode();
            try
            {
                var values =
                    work() ?? throw new InvalidOperationException("A tower without projection has no embedding; it must be made with one.");
                values.cpu().contiguous().data<float>().CopyTo(results.AsSpan(0, checked((int)values.shape[0]) * dimension));
            }
            catch (ExternalException error) when (error.Message.Contains("allocate", StringComparison.OrdinalIgnoreCase))
            {
                throw new ModelMemoryException(
                    $"A call of the model on {device} lacks memory: {error.Message} Make the calls smaller.",
                    error
                );
            }
        }
    }
}
