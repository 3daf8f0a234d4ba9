using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>Fills networks with stored tensors, after every name, shape and type was checked.</summary>
/// <remarks>
/// A network whose layers were made on <see cref="META"/> holds no memory before: each stored tensor becomes its parameter, so that weights are in
/// memory once, whatever their size, or only in the mapped file. Its parameters are for reading: they require no gradient. A network that was made on a
/// device keeps its tensors and gets the values.
/// </remarks>
public static class ModuleWeights
{
    private const int FaultsTold = 8;

    /// <summary>Takes over every tensor that the network has; the network stays on its device, or goes from META to the CPU.</summary>
    /// <param name="module">Changed only if the whole file fits. Its META tensors belong to layers that can be given others (all of TorchSharp's can).</param>
    /// <param name="weights">Stays open; left to the caller.</param>
    /// <param name="loading">Prefix, compute type, names to ignore; by default all of the file, as it is, in float32.</param>
    /// <exception cref="InvalidDataException">Tensors are missing, unknown or of another shape or kind; the message lists them.</exception>
    public static void Load(nn.Module module, IWeights weights, WeightLoading? loading = null)
    {
        loading ??= new WeightLoading();
        var state = module.state_dict();
        var stored = Match(state, weights, loading);
        using var quiet = no_grad();
        foreach (var (name, target) in state)
        {
            if (!stored.TryGetValue(name, out var source))
            {
                continue;
            }

            Take(module, name, target, weights, source, loading.ComputeOf(name, state));
        }
    }

    private static void Take(nn.Module module, string name, Tensor target, IWeights weights, string source, ComputeType compute)
    {
        if (target.is_meta)
        {
            LayerTensor.Replace(module, name, weights.View(source, compute), requiresGradient: false);
            return;
        }

        var value = weights.Tensor(source, compute);
        if (target.dtype != value.dtype)
        {
            LayerTensor.Replace(module, name, value, target.requires_grad);
            return;
        }

        using (value)
        {
            target.copy_(value);
        }
    }

    /// <summary>The stored name of each of the network's tensors.</summary>
    private static Dictionary<string, string> Match(Dictionary<string, Tensor> state, IWeights weights, WeightLoading loading)
    {
        var (matched, unknown) = (new Dictionary<string, string>(), new List<string>());
        foreach (var stored in weights.Entries.Keys)
        {
            if (loading.NameOf(stored) is not { } name)
            {
                continue;
            }

            if (!state.ContainsKey(name))
            {
                unknown.Add($"{stored} is unknown");
            }
            else if (!matched.TryAdd(name, stored))
            {
                unknown.Add($"{stored} is the same as {matched[name]}");
            }
        }

        string[] faults =
        [
            .. state.Select(item => Fault(item.Key, item.Value, matched.GetValueOrDefault(item.Key), weights, loading)).OfType<string>(),
            .. unknown,
        ];
        return faults.Length == 0
            ? matched
            : throw new InvalidDataException(
                $"{weights.Path}: {string.Join("; ", faults.Take(FaultsTold))}{(faults.Length > FaultsTold ? $"; and {faults.Length - FaultsTold} more" : "")}. "
                    + "It must hold exactly the tensors of this architecture. Check that the architecture and the file belong together."
            );
    }

    private static string? Fault(string name, Tensor wanted, string? stored, IWeights weights, WeightLoading loading)
    {
        if (stored is null)
        {
            return loading.MayLack(name) ? null : $"{loading.Prefix}{name} is missing";
        }

        var entry = weights.Entries[stored];
        if (!entry.Shape.SequenceEqual(wanted.shape))
        {
            return $"{stored} is {SafetensorsEntry.Text(entry.Shape)}, wanted {SafetensorsEntry.Text(wanted.shape)}";
        }

        return TensorType.Of(entry.DType) is var (type, _) && is_floating_point(type) != is_floating_point(wanted.dtype)
            ? $"{stored} has the type {entry.DType}, wanted {TensorType.WordOf(name, wanted.dtype)}"
            : null;
    }
}
