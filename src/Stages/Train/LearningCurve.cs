using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>What each epoch of a training gave: the file beside its checkpoint.</summary>
/// <remarks>Written before the checkpoint, so it never has fewer epochs; what it has more is a killed epoch's and is cut off when the training goes on.</remarks>
/// <param name="Identity"><see cref="TrainingTask.Identity"/>.</param>
/// <param name="Epochs">In order; <see cref="EpochResult.Epoch"/> counts from 0.</param>
public sealed record LearningCurve(string Identity, IReadOnlyList<EpochResult> Epochs)
{
    /// <summary>The curve of a folder; null before the first epoch.</summary>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    public static LearningCurve? Read(TrainingFolder folder) =>
        File.Exists(folder.Curve) ? JsonFile.Read<LearningCurve>(folder.Curve) : null;

    /// <summary>Puts an epoch behind those before it, and leaves out what was there from its place on.</summary>
    internal LearningCurve With(EpochResult result) => this with { Epochs = [.. Epochs.Take(result.Epoch), result] };

    /// <summary>Writes the file, whole or not at all.</summary>
    internal void Write(TrainingFolder folder) => JsonFile.Write(folder.Curve, this);
}
