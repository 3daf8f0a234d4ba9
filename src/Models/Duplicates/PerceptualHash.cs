using System.Numerics;
using Pipeline.Models.Images;

namespace Pipeline.Models.Duplicates;

/// <summary>A 64-bit hash of what a picture looks like: pictures that differ by size, compression or a little light have hashes that differ in few bits.</summary>
/// <remarks>
/// <para>After Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", and pHash's <c>ph_dct_imagehash</c>: 32 × 32 pixels, the
/// cosine transform of their luma, its rows and columns 1 to 8 (without the mean and the first row and column), a bit for each that is over the median.</para>
/// <para>Here exactly: <see cref="ImageResize"/> (antialiased triangle) to 32 × 32 RGB; luma = 299 R + 587 G + 114 B; cosines cos((2x + 1) u π / 64) × 2¹⁴
/// rounded to whole numbers, so that all sums are whole numbers and the hash is the same on every machine. Bit 8 (v - 1) + (u - 1), counted from the least
/// significant, belongs to frequency u across and v down; it is 1 where the coefficient is over the mean of the two middle ones. A flat picture has the
/// hash 0.</para>
/// </remarks>
public static class PerceptualHash
{
    /// <summary>Two hashes that differ in at most so many bits are of near-duplicates, unless said otherwise.</summary>
    public const int DefaultDistance = 6;

    private const int Edge = 32;
    private const int Frequencies = 8;
    private const int CosineOne = 1 << 14;

    /// <summary><c>[frequency - 1, place]</c>.</summary>
    private static readonly long[] Cosines =
    [
        .. from frequency in Enumerable.Range(1, Frequencies)
        from place in Enumerable.Range(0, Edge)
        select (long)Math.Round(CosineOne * Math.Cos((2 * place + 1) * frequency * Math.PI / (2 * Edge))),
    ];

    /// <summary>The hash of an encoded image; a JPEG is decoded at an eighth of its size where that is enough.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="limits">What the header may claim; by default <see cref="DecodeLimits"/> as it comes.</param>
    /// <exception cref="ImageRejectedException">The bytes are no image that can be read.</exception>
    public static ulong Of(ReadOnlySpan<byte> encoded, DecodeLimits? limits = null) =>
        Of(ImageDecoder.DecodeToSize(encoded, Edge, Edge, limits));

    /// <summary>The hash of decoded pixels of any size.</summary>
    public static ulong Of(RgbImage image)
    {
        var small = ImageResize.To(image, Edge, Edge).Pixels;
        Span<long> luma = stackalloc long[Edge * Edge];
        for (int cell = 0, p = 0; cell < luma.Length; cell++, p += 3)
        {
            luma[cell] = 299 * small[p] + 587 * small[p + 1] + 114 * small[p + 2];
        }

        Span<long> coefficients = stackalloc long[Frequencies * Frequencies];
        Transform(luma, coefficients);
        Span<long> sorted = stackalloc long[coefficients.Length];
        coefficients.CopyTo(sorted);
        sorted.Sort();
        var twiceMedian = sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2];
        var hash = 0UL;
        for (var bit = 0; bit < coefficients.Length; bit++)
        {
            hash |= 2 * coefficients[bit] > twiceMedian ? 1UL << bit : 0;
        }

        return hash;
    }

    /// <summary>In how many bits two hashes differ, 0 to 64.</summary>
    public static int Distance(ulong one, ulong other) => BitOperations.PopCount(one ^ other);

    /// <summary>Along the rows, then down the columns; below 2⁵⁶ in all.</summary>
    private static void Transform(ReadOnlySpan<long> luma, Span<long> coefficients)
    {
        Span<long> across = stackalloc long[Edge * Frequencies];
        for (var row = 0; row < Edge; row++)
        {
            for (var u = 0; u < Frequencies; u++)
            {
                var sum = 0L;
                for (var x = 0; x < Edge; x++)
                {
                    sum += luma[row * Edge + x] * Cosines[u * Edge + x];
                }

                across[row * Frequencies + u] = sum;
            }
        }

        for (var v = 0; v < Frequencies; v++)
        {
            for (var u = 0; u < Frequencies; u++)
            {
                var sum = 0L;
                for (var y = 0; y < Edge; y++)
                {
                    sum += across[y * Frequencies + u] * Cosines[v * Edge + y];
                }

                coefficients[v * Frequencies + u] = sum;
            }
        }
    }
}
