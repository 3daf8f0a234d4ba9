namespace Pipeline.Models.Semantic;

/// <summary>How alike two embeddings are, and whether two changes point the same way. Sums are in double precision, in the order of the values.</summary>
public static class Cosines
{
    /// <summary>The cosine of two vectors of length 1: their product.</summary>
    /// <exception cref="ArgumentException">They are of different lengths.</exception>
    public static double OfUnits(ReadOnlySpan<float> one, ReadOnlySpan<float> two)
    {
        if (one.Length != two.Length)
        {
            throw new ArgumentException(
                $"One embedding has {one.Length} values and the other {two.Length}; both must come from one encoder. Compute them with the same model."
            );
        }

        var sum = 0.0;
        for (var at = 0; at < one.Length; at++)
        {
            sum += (double)one[at] * two[at];
        }

        return sum;
    }

    /// <summary>
    /// Directional similarity (Gal et al. 2022, StyleGAN-NADA): the cosine between the change of the image and the change of the text, -1 to 1; 0 where either does
    /// not change, because what does not move has no direction.
    /// </summary>
    /// <param name="image">The edit.</param>
    /// <param name="source">What it was made from.</param>
    /// <param name="text">What the edit should show.</param>
    /// <param name="sourceText">What the source shows.</param>
    public static double OfDirections(
        ReadOnlySpan<float> image,
        ReadOnlySpan<float> source,
        ReadOnlySpan<float> text,
        ReadOnlySpan<float> sourceText
    )
    {
        var (product, images, texts) = (0.0, 0.0, 0.0);
        for (var at = 0; at < image.Length; at++)
        {
            var (ofImage, ofText) = ((double)image[at] - source[at], (double)text[at] - sourceText[at]);
            product += ofImage * ofText;
            images += ofImage * ofImage;
            texts += ofText * ofText;
        }

        return images > 0 && texts > 0 ? product / Math.Sqrt(images * texts) : 0;
    }
}
