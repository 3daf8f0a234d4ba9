using System.IO.Hashing;
using System.Text;
using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>The classifier of the original images that the confidence filter holds edits against: an artifact of three files.</summary>
public sealed class BaseClassifier : IDisposable
{
    /// <summary>The file of the thresholds, beside the model's two.</summary>
    public const string ThresholdsFileName = "thresholds.json";

    /// <summary>Images in one model call, when the thresholds are taken and when edits are judged, so that the same pixels give the same confidence.</summary>
    private const int CallSize = 32;

    private BaseClassifier(ImageClassifier classifier, ConfidenceThresholds thresholds, string content)
    {
        Classifier = classifier;
        Thresholds = thresholds;
        Content = content;
    }

    /// <summary>Predicts; belongs to this object.</summary>
    public ImageClassifier Classifier { get; }

    /// <summary>The mean confidence of each class.</summary>
    public ConfidenceThresholds Thresholds { get; }

    /// <summary>Hash of the three files, 32 hexadecimal digits.</summary>
    public string Content { get; }

    /// <summary>Writes the artifact from a training whose epochs are done (<c>original</c>, seed 0). Repeating it writes equal bytes.</summary>
    /// <param name="task">The training; thresholds are taken over its training images, not augmented.</param>
    /// <param name="folder">The artifact's folder.</param>
    /// <param name="stop">Looked at before each model call.</param>
    /// <returns>The content hash.</returns>
    public static string Write(TrainingTask task, string folder, CancellationToken stop)
    {
        FinishTraining.WriteModel(task, folder);
        var images = task.Training.Images;
        var labels = Enumerable.Range(0, images.Count).Select(images.Label).ToArray();
        var classes = task.Sets.ClassNames.Count;
        using var classifier = ImageClassifier.Load(folder, CallSize, task.Setup.Recipe.Threads, task.Setup.Device);
        var probabilities = classifier.Probabilities(images.Count, images.Read, stop);
        var thresholds = new ConfidenceThresholds(
            task.Sets.ClassNames,
            [.. Enumerable.Range(0, classes).Select(label => labels.Count(other => other == label))],
            ConfidenceFilter.Thresholds(probabilities, labels, classes)
        );
        JsonFile.Write(Path.Combine(folder, ThresholdsFileName), thresholds);
        return Hash(folder);
    }

    /// <summary>Loads the artifact.</summary>
    /// <param name="folder">The artifact's folder.</param>
    /// <param name="threads">CPU threads of a call; at least 1.</param>
    /// <param name="device"><c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="InvalidDataException">A file is broken, or thresholds and model are of different classes.</exception>
    public static BaseClassifier Load(string folder, int threads = 2, string device = "cpu")
    {
        var path = Path.Combine(folder, ThresholdsFileName);
        var thresholds = JsonFile.Read<ConfidenceThresholds>(path);
        var classifier = ImageClassifier.Load(folder, CallSize, threads, device);
        var names = classifier.Config.ClassNames;
        if (names.SequenceEqual(thresholds.ClassNames) && thresholds.Thresholds.Count == names.Count)
        {
            return new BaseClassifier(classifier, thresholds, Hash(folder));
        }

        classifier.Dispose();
        throw new InvalidDataException(
            $"{path} has {thresholds.Thresholds.Count} thresholds for {string.Join(", ", thresholds.ClassNames)}; "
                + $"it must have one for each of the model's classes {string.Join(", ", names)}. Train the base classifier again."
        );
    }

    /// <summary>Hash of the three files, 32 hexadecimal digits.</summary>
    public static string Hash(string folder)
    {
        var hash = new XxHash128();
        foreach (var name in new[] { ClassifierConfig.FileName, ImageClassifier.WeightsFileName, ThresholdsFileName })
        {
            using var stream = File.OpenRead(Path.Combine(folder, name));
            hash.Append(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{name} {stream.Length}\n")));
            hash.Append(stream);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Classifier.Dispose();
}

/// <summary>The thresholds of the confidence filter: <c>thresholds.json</c>.</summary>
/// <param name="ClassNames">In the order of the labels.</param>
/// <param name="Counts">Training images of each class.</param>
/// <param name="Thresholds">From <see cref="ConfidenceFilter.Thresholds"/>.</param>
public sealed record ConfidenceThresholds(IReadOnlyList<string> ClassNames, IReadOnlyList<int> Counts, IReadOnlyList<double> Thresholds);
