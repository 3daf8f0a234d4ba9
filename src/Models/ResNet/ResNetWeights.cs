using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.ResNet;

/// <summary>Takes a ResNet's weights from safetensors files and writes them there, under torchvision's names.</summary>
public static class ResNetWeights
{
    private const string Counter = ".num_batches_tracked";
    private static readonly string[] Head = ["fc.weight", "fc.bias"];

    /// <summary>Writes every parameter and buffer; equal weights and metadata give equal bytes.</summary>
    /// <param name="model">On any device; unchanged.</param>
    /// <param name="path">Replaced whole or not at all.</param>
    /// <param name="metadata">Goes into the header.</param>
    public static void Save(ResNetModel model, string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsFile.Write(path, model.State().Select(item => (item.Key, item.Value)), metadata);

    /// <summary>Takes over every tensor of the file; the model stays on its device.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown or of another shape or type; the message names all of them.</exception>
    public static void Load(ResNetModel model, string path)
    {
        using var file = SafetensorsFile.Read(path);
        Load(model, file, "");
    }

    /// <summary>Takes over the tensors of the file whose names begin with <paramref name="prefix"/>.</summary>
    internal static void Load(ResNetModel model, SafetensorsFile file, string prefix)
    {
        var state = model.State();
        Check(file, prefix, state, except: []);
        Copy(file, prefix, state, except: []);
    }

    /// <summary>
    /// Takes over published weights as a start for training. A head of another class count is left out: the model keeps its fresh one, and says so.
    /// The counters of batch normalisation, which torchvision's first files lack and nothing here reads, may be missing: they stay 0.
    /// </summary>
    /// <returns>The classes of the head that was left out, or null if the file's head was taken over.</returns>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown or of another shape or type; the message names all of them.</exception>
    public static int? Initialize(ResNetModel model, string path)
    {
        using var file = SafetensorsFile.Read(path);
        var state = model.State();
        var other = OtherHead(model, file);
        var counters = state.Keys.Where(name => name.EndsWith(Counter, StringComparison.Ordinal) && !file.Entries.ContainsKey(name));
        string[] except = [.. other is null ? [] : Head, .. counters];
        Check(file, "", state, except);
        Copy(file, "", state, except);
        return other;
    }

    private static int? OtherHead(ResNetModel model, SafetensorsFile file) =>
        file.Entries.TryGetValue(Head[0], out var weight)
        && file.Entries.TryGetValue(Head[1], out var bias)
        && weight.Shape.Count == 2
        && weight.Shape[1] == model.FeatureCount
        && weight.Shape[0] != model.Classes
        && bias.Shape.SequenceEqual([weight.Shape[0]])
            ? (int)weight.Shape[0]
            : null;

    private static void Check(SafetensorsFile file, string prefix, IReadOnlyDictionary<string, Tensor> state, string[] except)
    {
        var faults = new List<string>();
        foreach (var (name, tensor) in state.Where(item => !except.Contains(item.Key)))
        {
            if (!file.Entries.TryGetValue(prefix + name, out var entry))
            {
                faults.Add($"{prefix}{name} is missing");
            }
            else if (!entry.Shape.SequenceEqual(tensor.shape))
            {
                faults.Add($"{prefix}{name} is {SafetensorsEntry.Text(entry.Shape)}, wanted {SafetensorsEntry.Text(tensor.shape)}");
            }
            else if (TensorType.Of(entry.DType) is var (type, _) && is_floating_point(type) != is_floating_point(tensor.dtype))
            {
                faults.Add($"{prefix}{name} has the type {entry.DType}, wanted {TensorType.WordOf(name, tensor.dtype)}");
            }
        }

        faults.AddRange(
            file.Entries.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && !state.ContainsKey(name[prefix.Length..]))
                .Select(name => $"{name} is unknown")
        );
        if (faults.Count > 0)
        {
            throw new InvalidDataException(
                $"{file.Path}: {string.Join("; ", faults.Take(8))}{(faults.Count > 8 ? $"; and {faults.Count - 8} more" : "")}. "
                    + "It must hold exactly the tensors of this architecture. Check that the architecture and the file belong together."
            );
        }
    }

    private static void Copy(SafetensorsFile file, string prefix, IReadOnlyDictionary<string, Tensor> state, string[] except)
    {
        using var quiet = no_grad();
        foreach (var (name, target) in state.Where(item => !except.Contains(item.Key)))
        {
            using var source = file.Tensor(prefix + name);
            target.copy_(source);
        }
    }
}
