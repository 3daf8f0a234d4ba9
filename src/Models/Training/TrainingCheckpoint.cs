using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Pipeline.Models.ResNet;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Training;

/// <summary>The state of a training between two epochs, in one safetensors file: <c>model.*</c>, <c>momentum.*</c>, and counters in the metadata.</summary>
/// <remarks>There is no generator to save: every draw is keyed by seed, sample and pass, and the pass follows from the epochs done.</remarks>
internal static class TrainingCheckpoint
{
    private const string ModelPrefix = "model.";
    private const string MomentumPrefix = "momentum.";

    /// <summary>What decides a training's result, as one line: two trainings of the same line give the same weights.</summary>
    public static string Fingerprint(TrainingSetup setup, ITrainingImages training, ITrainingImages validation) =>
        JsonSerializer.Serialize(
            new
            {
                setup.Recipe,
                setup.Classes,
                setup.StepsPerEpoch,
                setup.Seed,
                InitialWeights = setup.InitialWeights is { } path ? FileHash(path) : "",
                Training = Samples(training),
                Validation = Samples(validation),
            }
        );

    /// <summary>Writes the state, whole or not at all.</summary>
    public static void Save(
        string path,
        string fingerprint,
        int epochsDone,
        TrainingSelection? selection,
        ResNetModel model,
        MomentumSgd optimizer
    )
    {
        var tensors = model
            .State()
            .Select(item => (ModelPrefix + item.Key, item.Value))
            .Concat(optimizer.Buffers.Select(item => (MomentumPrefix + item.Key, item.Value)));
        var metadata = new Dictionary<string, string>
        {
            ["training"] = fingerprint,
            ["epochsDone"] = epochsDone.ToString(CultureInfo.InvariantCulture),
            ["selection"] = JsonSerializer.Serialize(selection),
        };
        SafetensorsFile.Write(path, tensors, metadata);
    }

    /// <summary>Takes the state over.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or one of another training.</exception>
    public static (int EpochsDone, TrainingSelection? Selection) Load(
        string path,
        string fingerprint,
        ResNetModel model,
        MomentumSgd optimizer,
        Device device
    )
    {
        using var file = SafetensorsFile.Read(path);
        var found = Metadata(file, "training");
        if (found != fingerprint)
        {
            throw new InvalidDataException(
                $"{path} is a checkpoint of the training {found}; it must be of {fingerprint}. Settings or images changed: start this training anew."
            );
        }

        ResNetWeights.Load(model, file, ModelPrefix);
        var epochsDone = int.Parse(Metadata(file, "epochsDone"), CultureInfo.InvariantCulture);
        var saved = file
            .Entries.Keys.Where(name => name.StartsWith(MomentumPrefix, StringComparison.Ordinal))
            .Select(name => name[MomentumPrefix.Length..])
            .ToHashSet();
        if (!saved.SetEquals(epochsDone == 0 ? [] : optimizer.Names))
        {
            throw new InvalidDataException(
                $"{path}: {saved.Count} momentum buffers are there after {epochsDone} epochs; there must be one of each parameter, and none before the first epoch. Start this training anew."
            );
        }

        foreach (var name in saved)
        {
            using var scope = NewDisposeScope();
            optimizer.Restore(name, file.Tensor(MomentumPrefix + name).to(device));
        }

        return (epochsDone, JsonSerializer.Deserialize<TrainingSelection?>(Metadata(file, "selection")));
    }

    private static string Metadata(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out var value)
            ? value
            : throw new InvalidDataException(
                $"{file.Path}: __metadata__.{key} is missing; a training's checkpoint must have it. Take a file that a training wrote."
            );

    private static string FileHash(string path)
    {
        using var stream = File.OpenRead(path);
        var hash = new XxHash128();
        hash.Append(stream);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static string Samples(ITrainingImages images)
    {
        var hash = new XxHash128();
        var lines = Enumerable
            .Range(0, images.Count)
            .Select(index => $"{images.Id(index)}\t{images.Label(index)}\n")
            .Order(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            hash.Append(Encoding.UTF8.GetBytes(line));
        }

        return $"{images.Count} images {Convert.ToHexStringLower(hash.GetCurrentHash())}";
    }
}
