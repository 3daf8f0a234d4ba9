using Pipeline.Models.Weights;

namespace Pipeline.Models.Quality;

/// <summary>LAION's first aesthetic predictor: one linear layer on CLIP's image embedding, about 1 (bad) to 10 (good).</summary>
/// <remarks>Source: LAION-AI/aesthetic-predictor, <c>sa_0_4_vit_*_linear.pth</c>; tensors <c>weight</c> [1, dimension] and <c>bias</c> [1].</remarks>
public sealed class AestheticLinear : IQualityScorer
{
    internal static readonly string[] Names = ["bias", "weight"];
    private readonly AffineMap map;

    private AestheticLinear(string architecture, AffineMap map)
    {
        Architecture = architecture;
        this.map = map;
    }

    /// <inheritdoc/>
    public string Architecture { get; }

    /// <summary>Values of the embeddings that it reads.</summary>
    public int Dimension => map.Inputs;

    /// <summary>Reads the two tensors.</summary>
    /// <param name="file">The weights; not kept.</param>
    /// <param name="architecture">The encoder that they were trained on, as <see cref="IImageTextEncoder.Architecture"/> says it.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown or of another shape; the message names file and tensor.</exception>
    public static AestheticLinear Read(SafetensorsFile file, string architecture)
    {
        AestheticScorer.CheckNames(file, Names);
        return new AestheticLinear(architecture, AestheticScorer.OneRow(file, "weight", AffineMap.Read(file, "")));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The embedding is not <see cref="Dimension"/> long.</exception>
    public float Score(ReadOnlySpan<float> embedding) => (float)map.Row(0, embedding);
}
