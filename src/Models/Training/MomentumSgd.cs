using static TorchSharp.torch;

namespace Pipeline.Models.Training;

/// <summary>Stochastic gradient descent with momentum and weight decay, as PyTorch's <c>SGD</c> computes it, with a state that can be saved to the bit.</summary>
/// <remarks>
/// d = gradient + decay × weight; buffer = momentum × buffer + d (the first time: d); weight = weight - rate × buffer. No dampening, not Nesterov's.
/// </remarks>
internal sealed class MomentumSgd : IDisposable
{
    private readonly (string Name, Tensor Weight)[] parameters;
    private readonly SortedDictionary<string, Tensor> buffers = new(StringComparer.Ordinal);
    private readonly double momentum;
    private readonly double weightDecay;

    /// <summary>Steps the given parameters, which stay the caller's.</summary>
    public MomentumSgd(IEnumerable<(string Name, Tensor Weight)> parameters, double momentum, double weightDecay)
    {
        this.parameters = [.. parameters];
        this.momentum = momentum;
        this.weightDecay = weightDecay;
    }

    /// <summary>The momentum buffers by parameter name; none before the first step. They stay the optimiser's.</summary>
    public IReadOnlyDictionary<string, Tensor> Buffers => buffers;

    /// <summary>The names of the parameters, as they were given.</summary>
    public IEnumerable<string> Names => parameters.Select(parameter => parameter.Name);

    /// <summary>Takes one step with the gradients that the parameters hold; one without a gradient stays as it is.</summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (name, weight) in parameters)
        {
            if (weight.grad is not { } gradient)
            {
                continue;
            }

            var direction = weightDecay == 0 ? gradient : gradient.add(weight, weightDecay);
            if (buffers.TryGetValue(name, out var buffer))
            {
                buffer.mul_(momentum).add_(direction);
            }
            else
            {
                buffer = direction.clone().DetachFromDisposeScope();
                buffers.Add(name, buffer);
            }

            weight.add_(buffer, -learningRate);
        }
    }

    /// <summary>Drops the gradients, so that the next ones are not added to them.</summary>
    public void ClearGradients()
    {
        using var scope = NewDisposeScope();
        foreach (var (_, weight) in parameters)
        {
            weight.grad = null;
        }
    }

    /// <summary>Takes over a saved buffer; it is the optimiser's from now on.</summary>
    public void Restore(string name, Tensor buffer)
    {
        if (buffers.Remove(name, out var old))
        {
            old.Dispose();
        }

        buffers.Add(name, buffer.DetachFromDisposeScope());
    }

    /// <summary>Frees the buffers.</summary>
    public void Dispose()
    {
        foreach (var buffer in buffers.Values)
        {
            buffer.Dispose();
        }

        buffers.Clear();
    }
}
