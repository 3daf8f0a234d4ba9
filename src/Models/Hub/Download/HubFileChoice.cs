namespace Pipeline.Models.Hub.Download;

/// <summary>Which of a repository's files are got.</summary>
/// <remarks>
/// What is read (configuration, tokenizer, preprocessor), what a person must read (card, licence), and weights in one form: safetensors before ONNX
/// before checkpoints that must be converted. Of weights in several precisions those without a variant's name.
/// </remarks>
/// <param name="Onnx">Whether ONNX files come too where there are safetensors.</param>
/// <param name="Variant">The variant of ONNX files that is wanted, such as <c>quantized</c> or <c>fp16</c>, instead of the full one; null for that.</param>
public sealed record HubFileChoice(bool Onnx = false, string? Variant = null)
{
    private const string Safetensors = ".safetensors";
    private const string OnnxEnding = ".onnx";

    private static readonly string[] Checkpoints = [".bin", ".pt", ".pth", ".ckpt"];
    private static readonly string[] ForPeople = ["readme.md", "license", "license.md", "license.txt", "notice", "notice.txt", "notice.md"];

    /// <summary>Words that exporters put behind a name for another precision.</summary>
    private static readonly string[] OnnxVariants =
    [
        "fp16",
        "quantized",
        "int8",
        "uint8",
        "q4",
        "q4f16",
        "bnb4",
        "q8",
        "quint8",
        "qint8",
        "o1",
        "o2",
        "o3",
        "o4",
    ];

    /// <summary>The paths that are got, in ordinal order.</summary>
    /// <param name="paths">All files of the repository.</param>
    internal IReadOnlyList<string> Of(IEnumerable<string> paths)
    {
        var all = paths.Where(path => !path.Split('/').Any(part => part.StartsWith('.'))).Order(StringComparer.Ordinal).ToList();
        var tensors = all.Where(path => Has(path, Safetensors)).ToList();
        tensors = [.. tensors.Where(path => !IsVariant(path, tensors) && !IsOfOtherProgram(path, all))];
        var graphs = all.Where(path => Has(path, OnnxEnding)).Where(IsWantedGraph).ToList();
        var withOnnx = Onnx || Variant is not null || tensors.Count == 0;
        var checkpoints =
            tensors.Count == 0 && graphs.Count == 0 ? all.Where(path => Checkpoints.Any(ending => Has(path, ending))).ToList() : [];
        if (checkpoints.Exists(path => Has(path, ".bin")))
        {
            checkpoints.RemoveAll(path => !Has(path, ".bin") || Path.GetFileName(path).StartsWith("open_clip", StringComparison.Ordinal));
        }

        return
        [
            .. all.Where(path =>
                ForPeople.Contains(path, StringComparer.OrdinalIgnoreCase)
                || tensors.Contains(path)
                || checkpoints.Contains(path)
                || (Has(path, ".bin.index.json") && checkpoints.Count > 0)
                || (withOnnx && graphs.Exists(graph => path == graph || IsDataOf(path, graph)))
                || (IsText(path) && !IsIndexOfOther(path, tensors))
            ),
        ];
    }

    private static bool Has(string path, string ending) => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    /// <summary><c>model.fp16.safetensors</c> where there is <c>model.safetensors</c>, whole or in parts.</summary>
    private static bool IsVariant(string path, List<string> tensors)
    {
        var stem = path[..^Safetensors.Length];
        var dot = stem.LastIndexOf('.');
        return dot > stem.LastIndexOf('/')
            && tensors.Exists(other =>
                other == stem[..dot] + Safetensors || other.StartsWith(stem[..dot] + "-0", StringComparison.Ordinal)
            );
    }

    /// <summary>The same weights by OpenCLIP's names beside those of Transformers, or all of a diffusion model in one file beside its parts.</summary>
    private static bool IsOfOtherProgram(string path, List<string> all) =>
        (
            path.StartsWith("open_clip", StringComparison.Ordinal)
            && all.Exists(other => other is "model.safetensors" or "model.safetensors.index.json")
        ) || (!path.Contains('/', StringComparison.Ordinal) && all.Contains("model_index.json"));

    private bool IsWantedGraph(string path)
    {
        var stem = Path.GetFileNameWithoutExtension(path);
        var variant = OnnxVariants
            .OrderByDescending(word => word.Length)
            .FirstOrDefault(word => stem.EndsWith("_" + word, StringComparison.OrdinalIgnoreCase));
        return Variant is null ? variant is null : stem.EndsWith("_" + Variant, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsDataOf(string path, string graph) =>
        path.StartsWith(graph, StringComparison.Ordinal) && path[graph.Length..] is ['_' or '.', 'd', 'a', 't', 'a', ..];

    private static bool IsText(string path) =>
        ModelFiles.IsContent(path) && (Has(path, ".json") || Has(path, ".txt") || Has(path, ".model") || Has(path, ".jinja"));

    private static bool IsIndexOfOther(string path, List<string> tensors) =>
        Has(path, ".safetensors.index.json")
        && !tensors.Exists(part => part.StartsWith(path[..^".safetensors.index.json".Length] + "-", StringComparison.Ordinal));
}
