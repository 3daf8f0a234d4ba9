namespace Pipeline.Models.Training;

/// <summary>What one epoch gave.</summary>
/// <param name="Epoch">Counted from 0.</param>
/// <param name="LearningRate">The rate of its steps.</param>
/// <param name="TrainingLoss">Mean of its steps' losses (weighted cross entropy).</param>
/// <param name="TrainingAccuracy">Share of its augmented images that were predicted as their main class, while the weights moved.</param>
/// <param name="ValidationLoss">Mean cross entropy, unweighted; null without validation images.</param>
/// <param name="ValidationAccuracy">Null without validation images.</param>
/// <param name="IsBest">Whether this is the epoch to choose so far.</param>
public sealed record EpochResult(
    int Epoch,
    double LearningRate,
    double TrainingLoss,
    double TrainingAccuracy,
    double? ValidationLoss,
    double? ValidationAccuracy,
    bool IsBest
);

/// <summary>Which epoch's weights are the training's result.</summary>
/// <param name="Epoch">Counted from 0.</param>
/// <param name="ValidationAccuracy">Of that epoch; null without validation images.</param>
/// <param name="SelectedBy"><c>validation accuracy</c> (of equal ones the earlier epoch) or <c>last epoch</c>.</param>
public sealed record TrainingSelection(int Epoch, double? ValidationAccuracy, string SelectedBy)
{
    /// <summary>The greatest accuracy on the validation images.</summary>
    public const string ByValidation = "validation accuracy";

    /// <summary>There were no validation images.</summary>
    public const string ByLastEpoch = "last epoch";
}
