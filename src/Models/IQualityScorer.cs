namespace Pipeline.Models;

/// <summary>Gives an image's embedding a number that says how good the image is.</summary>
public interface IQualityScorer
{
    /// <summary>The encoder that it reads, as <see cref="IImageTextEncoder.Architecture"/> says it.</summary>
    string Architecture { get; }

    /// <summary>The score; larger is better, the range is the scorer's own.</summary>
    /// <param name="embedding"><c>[dimension] float32</c> of length 1.</param>
    float Score(ReadOnlySpan<float> embedding);
}
