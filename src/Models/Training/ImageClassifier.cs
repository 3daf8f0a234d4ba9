using Pipeline.Models.ResNet;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Training;

/// <summary>A trained classifier that only predicts.</summary>
/// <remarks>
/// Every model call has one constant size, so that the probabilities of an image depend on its pixels alone. Several threads may call it; calls take turns.
/// </remarks>
public sealed class ImageClassifier : IDisposable
{
    /// <summary>The name of the weights' file beside <see cref="ClassifierConfig.FileName"/>.</summary>
    public const string WeightsFileName = "model.safetensors";

    private readonly ResNetModel model;
    private readonly ConstantSizeCalls calls;
    private readonly Lock turn = new();
    private readonly int threads;

    private ImageClassifier(ClassifierConfig config, ResNetModel model, int callSize, int threads, Device device)
    {
        Config = config;
        this.model = model;
        this.threads = threads;
        calls = new ConstantSizeCalls(model, callSize, config.ImageSize, config.Normalise, threads, device);
    }

    /// <summary>What the classifier was trained for.</summary>
    public ClassifierConfig Config { get; }

    /// <summary>Loads <c>config.json</c> and <c>model.safetensors</c> of a folder.</summary>
    /// <param name="folder">The folder of a finished training.</param>
    /// <param name="callSize">Images in one model call; at least 1. Another size may change the last bits of a probability.</param>
    /// <param name="threads">CPU threads of a call; at least 1.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    /// <exception cref="InvalidDataException">Configuration and weights do not fit or are broken.</exception>
    public static ImageClassifier Load(string folder, int callSize = 32, int threads = 2, string device = "cpu")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(callSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var config = ClassifierConfig.Read(folder);
        var network = ResNetModel.Create(config.Architecture, config.ClassNames.Count, seed: 0);
        try
        {
            ResNetWeights.Load(network, Path.Combine(folder, WeightsFileName));
            var place = new Device(device);
            network.to(place);
            network.eval();
            return new ImageClassifier(config, network, callSize, threads, place);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>One row of probabilities for each image, in order.</summary>
    /// <param name="images">Each <c>[3, size, size] uint8</c>, RGB planes, of the configuration's image size.</param>
    /// <param name="stop">Looked at before each model call.</param>
    public IReadOnlyList<float[]> Probabilities(IReadOnlyList<ReadOnlyMemory<byte>> images, CancellationToken stop)
    {
        var wanted = 3 * Config.ImageSize * Config.ImageSize;
        for (var index = 0; index < images.Count; index++)
        {
            if (images[index].Length != wanted)
            {
                throw new ArgumentException(
                    $"Image {index} is {images[index].Length} bytes long; it must be {wanted} bytes, three planes of {Config.ImageSize} × {Config.ImageSize}. Resize it."
                );
            }
        }

        return Probabilities(images.Count, (index, rgb) => images[index].Span.CopyTo(rgb), stop);
    }

    /// <summary>Images in one model call; at least 1. Another size may change the last bits of a probability.</summary>
    public int CallSize
    {
        get => calls.CallSize;
        set => calls.CallSize = value;
    }

    /// <summary>One row of probabilities for each image, in order.</summary>
    /// <param name="count">Images.</param>
    /// <param name="read">Called once for each image, from several threads at once.</param>
    /// <param name="stop">Looked at before each model call.</param>
    public IReadOnlyList<float[]> Probabilities(int count, ReadPixels read, CancellationToken stop)
    {
        lock (turn)
        {
            set_num_threads(threads);
            return Array.ConvertAll(calls.Logits(count, read, stop), Softmax.Of);
        }
    }

    /// <summary>Tests the classifier on images that neither fitted nor chose it.</summary>
    /// <param name="split">At least one image.</param>
    /// <param name="groups">The group value of each image, empty for none; null if there are no groups.</param>
    /// <param name="stop">Looked at before each model call.</param>
    public EvaluationScores Test(TestSplit split, IReadOnlyList<string>? groups, CancellationToken stop)
    {
        var images = split.Images;
        var probabilities = Probabilities(images.Count, images.Read, stop);
        return EvaluationScores.Of(
            [.. Enumerable.Range(0, images.Count).Select(images.Label)],
            [.. probabilities.Select(row => Softmax.Best(row))],
            Config.ClassNames,
            groups
        );
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => model.Dispose();
}
