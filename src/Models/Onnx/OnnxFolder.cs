namespace Pipeline.Models.Onnx;

/// <summary>Finds a graph in a folder that Optimum or Transformers.js wrote: in <c>onnx/</c> or at the root, with a suffix for how its weights are stored.</summary>
public static class OnnxFolder
{
    /// <summary>Weights as they were exported: no suffix.</summary>
    public const string Plain = "none";

    private const string Extension = ".onnx";
    private static readonly string[] Places = ["onnx", ""];

    /// <summary>What may be asked for, and the suffixes under which it is published (Transformers.js 3, Optimum), the first one first.</summary>
    private static readonly Dictionary<string, string[]> Suffixes = new(StringComparer.Ordinal)
    {
        [Plain] = [""],
        ["fp16"] = ["_fp16"],
        ["int8"] = ["_int8", "_quantized", "_uint8"],
        ["q4"] = ["_q4", "_bnb4", "_q4f16"],
    };

    /// <summary>The words for a quantization.</summary>
    public static IReadOnlyCollection<string> Quantizations => Suffixes.Keys;

    /// <summary>The path of a graph, or null if the folder has none.</summary>
    /// <param name="folder">A model's folder.</param>
    /// <param name="stem">The file's name without suffix: <c>text_model</c>, <c>vision_model</c>, <c>model</c>.</param>
    /// <param name="quantization">One of <see cref="Quantizations"/>.</param>
    /// <exception cref="ArgumentException">The word is unknown.</exception>
    public static string? TryFind(string folder, string stem, string quantization)
    {
        if (!Suffixes.TryGetValue(quantization, out var suffixes))
        {
            throw new ArgumentException(
                $"The quantization is {quantization}; it must be one of {string.Join(", ", Suffixes.Keys)}. Take none for the graph as it was exported."
            );
        }

        return suffixes
            .SelectMany(suffix => Places.Select(place => Path.Combine(folder, place, $"{stem}{suffix}{Extension}")))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>The path of a graph.</summary>
    /// <param name="folder">A model's folder.</param>
    /// <param name="stem">The file's name without suffix: <c>text_model</c>, <c>vision_model</c>, <c>model</c>.</param>
    /// <param name="quantization">One of <see cref="Quantizations"/>.</param>
    /// <exception cref="ArgumentException">The word is unknown.</exception>
    /// <exception cref="FileNotFoundException">The folder has no such graph; the message lists the graphs that it has.</exception>
    public static string Find(string folder, string stem, string quantization) =>
        TryFind(folder, stem, quantization)
        ?? throw new FileNotFoundException(
            $"{folder} has the graphs {Found(folder)}; it must have {string.Join(" or ", Suffixes[quantization].Select(suffix => $"{stem}{suffix}{Extension}"))}, in onnx/ or beside it. Export it, or quantize the graph that is there (pipeline models quantize)."
        );

    private static string Found(string folder)
    {
        var found = Places
            .Select(place => Path.Combine(folder, place))
            .Where(Directory.Exists)
            .SelectMany(place => Directory.EnumerateFiles(place, $"*{Extension}"))
            .Select(path => Path.GetRelativePath(folder, path))
            .Order(StringComparer.Ordinal)
            .ToList();
        return found.Count == 0 ? "(none)" : string.Join(", ", found);
    }
}
