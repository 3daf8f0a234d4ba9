using Pipeline.Models.Weights;

namespace Pipeline.Models.Quality;

/// <summary>LAION's improved aesthetic predictor: five linear layers on CLIP's image embedding, about 1 (bad) to 10 (good).</summary>
/// <remarks>
/// Source: christophschuhmann/improved-aesthetic-predictor, <c>sac+logos+ava1-l14-linearMSE.pth</c>; tensors <c>layers.{0,2,4,6,7}.weight|bias</c>. The
/// layers between are dropout, and no activation stands between any two: the whole is one affine map, to which it is folded here in double precision.
/// </remarks>
public sealed class AestheticMlp : IQualityScorer
{
    /// <summary>The numbers of the linear layers, as the tensors are named.</summary>
    internal static readonly int[] Places = [0, 2, 4, 6, 7];
    private readonly AffineMap map;

    private AestheticMlp(string architecture, AffineMap map)
    {
        Architecture = architecture;
        this.map = map;
    }

    /// <inheritdoc/>
    public string Architecture { get; }

    /// <summary>Values of the embeddings that it reads.</summary>
    public int Dimension => map.Inputs;

    /// <summary>Reads the ten tensors and folds them.</summary>
    /// <param name="file">The weights; not kept.</param>
    /// <param name="architecture">The encoder that they were trained on, as <see cref="IImageTextEncoder.Architecture"/> says it.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown or of another shape; the message names file and tensor.</exception>
    public static AestheticMlp Read(SafetensorsFile file, string architecture)
    {
        var layers = Layers(file);
        var folded = layers[^1];
        // From the narrow end: each product has one row.
        foreach (var layer in layers.Reverse().Skip(1))
        {
            folded = folded.After(layer);
        }

        return new AestheticMlp(architecture, folded);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The embedding is not <see cref="Dimension"/> long.</exception>
    public float Score(ReadOnlySpan<float> embedding) => (float)map.Row(0, embedding);

    /// <summary>The layers as they are stored, first to last.</summary>
    internal static IReadOnlyList<AffineMap> Layers(SafetensorsFile file)
    {
        AestheticScorer.CheckNames(file, Places.SelectMany(place => new[] { $"layers.{place}.bias", $"layers.{place}.weight" }));
        AffineMap[] layers = [.. Places.Select(place => AffineMap.Read(file, $"layers.{place}."))];
        for (var index = 1; index < layers.Length; index++)
        {
            if (layers[index].Inputs != layers[index - 1].Outputs)
            {
                throw new InvalidDataException(
                    $"{file.Path}: layers.{Places[index]}.weight takes {layers[index].Inputs} values; it must take the {layers[index - 1].Outputs} "
                        + $"that layers.{Places[index - 1]} gives. Convert the published file again."
                );
            }
        }

        AestheticScorer.OneRow(file, $"layers.{Places[^1]}.weight", layers[^1]);
        return layers;
    }
}
