using System.IO.Hashing;
using System.Text;

namespace Pipeline.Models.Training;

/// <summary>The classifier of the original images that the confidence filter holds edits against: a trained classifier's folder with thresholds in it.</summary>
public sealed class BaseClassifier : IDisposable
{
    private readonly ImageClassifier classifier;

    private BaseClassifier(ImageClassifier classifier, ConfidenceThresholds thresholds)
    {
        this.classifier = classifier;
        Thresholds = thresholds;
    }

    /// <summary>What the classifier was trained for.</summary>
    public ClassifierConfig Config => classifier.Config;

    /// <summary>The mean confidence of each class.</summary>
    public ConfidenceThresholds Thresholds { get; }

    /// <summary>Adds the thresholds to the folder of a trained classifier. Repeating it writes equal bytes.</summary>
    /// <param name="folder">Has <c>config.json</c> and <c>model.safetensors</c>.</param>
    /// <param name="training">The images that the classifier was fitted to; the thresholds are taken over them, not augmented.</param>
    /// <param name="threads">CPU threads of a call; at least 1.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    /// <param name="stop">Looked at before each model call.</param>
    /// <returns>Hash of the folder's three files, 32 hexadecimal digits.</returns>
    public static string Complete(string folder, TrainingSplit training, int threads, string device, CancellationToken stop)
    {
        var images = training.Images;
        using var trained = ImageClassifier.Load(folder, threads: threads, device: device);
        var names = trained.Config.ClassNames;
        var labels = Enumerable.Range(0, images.Count).Select(images.Label).ToArray();
        var probabilities = trained.Probabilities(images.Count, images.Read, stop);
        new ConfidenceThresholds(
            names,
            ClassWeights.Count(images, names.Count),
            ConfidenceFilter.Thresholds(probabilities, labels, names.Count)
        ).Write(folder);
        return Hash(folder);
    }

    /// <summary>Loads classifier and thresholds.</summary>
    /// <param name="folder">What <see cref="Complete"/> left.</param>
    /// <param name="callSize">Images in one model call; at least 1. Another size may change the last bits of a probability.</param>
    /// <param name="threads">CPU threads of a call; at least 1.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    /// <exception cref="InvalidDataException">A file is broken, or thresholds and model are of different classes.</exception>
    public static BaseClassifier Load(string folder, int callSize = 32, int threads = 2, string device = "cpu")
    {
        var thresholds = ConfidenceThresholds.Read(folder);
        var trained = ImageClassifier.Load(folder, callSize, threads, device);
        var names = trained.Config.ClassNames;
        if (names.SequenceEqual(thresholds.ClassNames) && thresholds.Thresholds.Count == names.Count)
        {
            return new BaseClassifier(trained, thresholds);
        }

        trained.Dispose();
        throw new InvalidDataException(
            $"{Path.Combine(folder, ConfidenceThresholds.FileName)} has {thresholds.Thresholds.Count} thresholds for "
                + $"{string.Join(", ", thresholds.ClassNames)}; it must have one for each of the model's classes {string.Join(", ", names)}. "
                + "Train the base classifier again."
        );
    }

    /// <summary>Images in one model call; at least 1. Another size may change the last bits of a probability.</summary>
    public int CallSize
    {
        get => classifier.CallSize;
        set => classifier.CallSize = value;
    }

    /// <summary>One row of probabilities for each image, as <see cref="ImageClassifier"/> gives them.</summary>
    /// <param name="images">Each <c>[3, size, size] uint8</c>, RGB planes, of the configuration's image size.</param>
    /// <param name="stop">Looked at before each model call.</param>
    public IReadOnlyList<float[]> Probabilities(IReadOnlyList<ReadOnlyMemory<byte>> images, CancellationToken stop) =>
        classifier.Probabilities(images, stop);

    /// <summary>Frees the weights.</summary>
    public void Dispose() => classifier.Dispose();

    private static string Hash(string folder)
    {
        var hash = new XxHash128();
        foreach (var name in new[] { ClassifierConfig.FileName, ImageClassifier.WeightsFileName, ConfidenceThresholds.FileName })
        {
            using var stream = File.OpenRead(Path.Combine(folder, name));
            hash.Append(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{name} {stream.Length}\n")));
            hash.Append(stream);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
