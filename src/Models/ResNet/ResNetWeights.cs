using Pipeline.Models.Weights;

namespace Pipeline.Models.ResNet;

/// <summary>Takes a ResNet's weights from safetensors files and writes them there, under torchvision's names.</summary>
public static class ResNetWeights
{
    private const string Counters = "*.num_batches_tracked";
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
    internal static void Load(ResNetModel model, SafetensorsFile file, string prefix) =>
        ModuleWeights.Load(model, file, new WeightLoading { Prefix = prefix });

    /// <summary>
    /// Takes over published weights as a start for training. A head of another class count is left out: the model keeps its fresh one, and says so.
    /// The counters of batch normalisation, which torchvision's first files lack and nothing here reads, may be missing: they stay 0.
    /// </summary>
    /// <returns>The classes of the head that was left out, or null if the file's head was taken over.</returns>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown or of another shape or type; the message names all of them.</exception>
    public static int? Initialize(ResNetModel model, string path)
    {
        using var file = SafetensorsFile.Read(path);
        var other = OtherHead(model, file);
        string[] head = other is null ? [] : Head;
        ModuleWeights.Load(model, file, new WeightLoading { Ignored = head, Optional = [.. head, Counters] });
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
}
