using static TorchSharp.torch;

namespace Pipeline.Models.Training;

/// <summary>Cross entropy with a weight for each class and targets that may be shared among classes.</summary>
internal static class WeightedCrossEntropy
{
    /// <summary>
    /// Σ wₖ·qᵢₖ·(-ln pᵢₖ) / Σ wₖ·qᵢₖ over images i and classes k: PyTorch's weighted mean where every target is one class. The caller disposes.
    /// </summary>
    /// <param name="logits"><c>[batch, classes] float32</c>.</param>
    /// <param name="targets"><c>[batch, classes] float32</c>; each row sums to 1.</param>
    /// <param name="weights"><c>[classes] float32</c>.</param>
    public static Tensor Loss(Tensor logits, Tensor targets, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var shares = targets * weights;
        return scope.MoveToOuter((logits.log_softmax(1) * shares).sum().neg() / shares.sum());
    }
}
