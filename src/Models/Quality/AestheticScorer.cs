using Pipeline.Models.Weights;

namespace Pipeline.Models.Quality;

/// <summary>Opens LAION's aesthetic predictors, first and second version, from safetensors.</summary>
public static class AestheticScorer
{
    /// <summary>OpenAI's ViT-L/14, on which the second version and one of the first were trained.</summary>
    public const string LargePatch14 = "clip ViT-L/14 224 quick_gelu";

    /// <summary>OpenAI's ViT-B/32, on which one of the first version was trained.</summary>
    public const string BasePatch32 = "clip ViT-B/32 224 quick_gelu";

    /// <summary>OpenAI's ViT-B/16, on which one of the first version was trained.</summary>
    public const string BasePatch16 = "clip ViT-B/16 224 quick_gelu";

    private const string Extension = ".safetensors";
    private const string Convert = "The predictors are published as .pth: make the file with 'pipeline models convert FILE.pth'.";

    /// <summary>Opens a predictor; which version it is, its tensors' names say.</summary>
    /// <param name="path">A safetensors file, or a folder that holds exactly one.</param>
    /// <param name="architecture">
    /// The encoder that it was trained on. Null: told by the width, 768 for ViT-L/14; at 512 by <c>b_32</c> or <c>b_16</c> in the name of file or folder, as
    /// they are published.
    /// </param>
    /// <exception cref="InvalidDataException">There is no such file, or it is no predictor, or its encoder cannot be told; the message says which.</exception>
    public static IQualityScorer Open(string path, string? architecture = null)
    {
        var found = FileOf(path);
        using var file = SafetensorsFile.Read(found);
        if (file.Entries.ContainsKey("layers.0.weight"))
        {
            return AestheticMlp.Read(file, architecture ?? EncoderOf(file, "layers.0.weight"));
        }

        CheckNames(file, AestheticLinear.Names);
        return AestheticLinear.Read(file, architecture ?? EncoderOf(file, "weight"));
    }

    /// <summary>Refuses a scorer on embeddings that it was not trained on.</summary>
    /// <exception cref="InvalidDataException"><paramref name="encoder"/> is of another architecture than <paramref name="scorer"/> reads.</exception>
    public static void CheckEncoder(IQualityScorer scorer, IImageTextEncoder encoder)
    {
        if (scorer.Architecture != encoder.Architecture)
        {
            throw new InvalidDataException(
                $"The encoder under the quality score is '{encoder.Architecture}'; it must be '{scorer.Architecture}', on which the score was trained. "
                    + "Name that encoder, or a score that was trained on yours."
            );
        }
    }

    /// <summary>All names that are missing and all that are unknown, in one message.</summary>
    internal static void CheckNames(SafetensorsFile file, IEnumerable<string> wanted)
    {
        var names = wanted.Order(StringComparer.Ordinal).ToArray();
        if (!names.SequenceEqual(file.Entries.Keys, StringComparer.Ordinal))
        {
            throw new InvalidDataException(
                $"{file.Path}: the tensors are {string.Join(", ", file.Entries.Keys.Take(20))} ({file.Entries.Count} in all); they must be "
                    + $"{string.Join(", ", names)}, as an aesthetic predictor's. {Convert}"
            );
        }
    }

    /// <summary>The map itself, if it gives one number.</summary>
    internal static AffineMap OneRow(SafetensorsFile file, string name, AffineMap map) =>
        map.Outputs == 1
            ? map
            : throw new InvalidDataException(
                $"{file.Path}: {name} has {map.Outputs} rows; it must have 1, which gives the score. Is it an aesthetic predictor?"
            );

    private static string FileOf(string path)
    {
        if (File.Exists(path))
        {
            return path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
                ? path
                : throw new InvalidDataException(
                    $"The aesthetic predictor {path} is a {Path.GetExtension(path)} file; it must be {Extension}. {Convert}"
                );
        }

        var files = Directory.Exists(path) ? Directory.GetFiles(path, "*" + Extension) : [];
        return files.Length == 1
            ? files[0]
            : throw new InvalidDataException(
                $"The aesthetic predictor {path} holds {files.Length} {Extension} files; it must be such a file or a folder with one. {Convert}"
            );
    }

    private static string EncoderOf(SafetensorsFile file, string name)
    {
        var shape = file.Entries[name].Shape;
        var width = shape.Count == 2 ? shape[1] : 0;
        var named = $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file.Path)))}/{Path.GetFileName(file.Path)}".Replace(
            '-',
            '_'
        );
        var bases = new[] { ("b_32", BasePatch32), ("b_16", BasePatch16) }.Where(item =>
            named.Contains(item.Item1, StringComparison.OrdinalIgnoreCase)
        );
        return (width, bases.ToArray()) switch
        {
            (768, _) => LargePatch14,
            (512, [var (_, only)]) => only,
            (512, _) => throw new InvalidDataException(
                $"{file.Path}: the predictor reads 512 values, which ViT-B/32 and ViT-B/16 both give; the name of file or folder must hold b_32 or b_16, "
                    + "as it was published. Rename it."
            ),
            _ => throw new InvalidDataException(
                $"{file.Path}: {name} reads {width} values; it must be 768 (ViT-L/14) or 512 (ViT-B/32, ViT-B/16). Is it an aesthetic predictor?"
            ),
        };
    }
}
