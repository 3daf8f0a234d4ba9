using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>One planned training with all it needs. Make it once and keep it: its identity hashes every id and the initial weights.</summary>
public sealed class TrainingTask
{
    /// <summary>Puts a training together.</summary>
    /// <param name="planned">The training.</param>
    /// <param name="setup">From <see cref="TrainingPlan.Setup"/>.</param>
    /// <param name="sets">The images; their cache must stay open.</param>
    /// <param name="work">The train stage's work folder, <c>runs/{run}/train</c>.</param>
    public TrainingTask(PlannedTraining planned, TrainingSetup setup, TrainingImageSets sets, string work)
    {
        Planned = planned;
        Setup = setup;
        Sets = sets;
        Training = sets.Training(planned.Training);
        Folder = new TrainingFolder(work, planned);
        Identity = Hash(setup, sets.Images(planned.Training), sets.ValidationImages);
    }

    /// <summary>The training.</summary>
    public PlannedTraining Planned { get; }

    /// <summary>How it is trained.</summary>
    public TrainingSetup Setup { get; }

    /// <summary>All images of the run.</summary>
    public TrainingImageSets Sets { get; }

    /// <summary>The images that this training is fitted to.</summary>
    public TrainingSplit Training { get; }

    /// <summary>Where its files lie.</summary>
    public TrainingFolder Folder { get; }

    /// <summary>Hash of all that decides the weights; 32 hexadecimal digits.</summary>
    public string Identity { get; }

    private static string Hash(TrainingSetup setup, params PixelImages[] sets)
    {
        var hash = new XxHash128();
        hash.Append(JsonSerializer.SerializeToUtf8Bytes(setup with { InitialWeights = null }));
        if (setup.InitialWeights is { } path)
        {
            using var stream = File.OpenRead(path);
            hash.Append(stream);
        }

        foreach (var images in sets)
        {
            hash.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\n{images.Count} images\n")));
            var lines = Enumerable.Range(0, images.Count).Select(images.Line).Order(StringComparer.Ordinal);
            foreach (var line in lines)
            {
                hash.Append(Encoding.UTF8.GetBytes(line));
            }
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
