using System.Numerics;
using Pipeline.Models.Duplicates;
using Pipeline.Models.Images;
using Pipeline.Models.Tests.Images;
using Pipeline.Models.Tests.Procedural;

namespace Pipeline.Models.Tests.Duplicates;

public sealed class PerceptualHashTests
{
    private static IEnumerable<RgbImage> Samples =>
        [.. Photographs.All, .. Enumerable.Range(1, 40).Select(seed => Pictures.Photo(40 + seed * 7, 200 - seed * 3, seed))];

    [Fact]
    public void The_hash_is_that_of_the_formula()
    {
        foreach (var image in Samples)
        {
            PerceptualHash.Of(image).Should().Be(Oracle(ImageResize.To(image, 32, 32)));
        }
    }

    [Fact]
    public void Whole_numbers_give_the_hash_of_the_real_cosine_transform()
    {
        foreach (var image in Samples)
        {
            PerceptualHash.Distance(PerceptualHash.Of(image), RealTransform(ImageResize.To(image, 32, 32))).Should().BeLessThanOrEqualTo(1);
        }
    }

    [Fact]
    public void A_flat_picture_has_the_hash_0()
    {
        PerceptualHash.Of(Photographs.Plain(50, 30, 12, 200, 99)).Should().Be(0);
    }

    [Fact]
    public void Compression_size_and_light_change_few_bits_and_another_picture_many()
    {
        var hashes = Photographs.All.Select(PerceptualHash.Of).ToArray();
        foreach (var (image, hash) in Photographs.All.Zip(hashes))
        {
            var compressed = PerceptualHash.Of(Pictures.Jpeg(image, 40));
            var smaller = PerceptualHash.Of(ImageResize.To(image, 96, 90));
            var darker = PerceptualHash.Of(image with { Pixels = [.. image.Pixels.Select(value => (byte)(value * 0.9))] });

            PerceptualHash.Distance(hash, compressed).Should().BeLessThanOrEqualTo(PerceptualHash.DefaultDistance);
            PerceptualHash.Distance(hash, smaller).Should().BeLessThanOrEqualTo(PerceptualHash.DefaultDistance);
            PerceptualHash.Distance(hash, darker).Should().BeLessThanOrEqualTo(PerceptualHash.DefaultDistance);
        }

        (from one in hashes from other in hashes where one != other select PerceptualHash.Distance(one, other))
            .Should()
            .OnlyContain(distance => distance > PerceptualHash.DefaultDistance);
    }

    [Fact]
    public void A_scaled_decode_gives_a_hash_near_to_that_of_all_pixels()
    {
        for (var seed = 1; seed < 12; seed++)
        {
            var file = Pictures.Jpeg(Pictures.Photo(1024, 768, seed));

            PerceptualHash
                .Distance(PerceptualHash.Of(file), PerceptualHash.Of(ImageDecoder.Decode(file)))
                .Should()
                .BeLessThanOrEqualTo(PerceptualHash.DefaultDistance);
        }
    }

    [Fact]
    public void What_is_no_image_is_rejected()
    {
        var hash = () => PerceptualHash.Of([1, 2, 3]);

        hash.Should().Throw<ImageRejectedException>();
    }

    /// <summary>Each coefficient as one double sum of big whole numbers.</summary>
    private static ulong Oracle(RgbImage small)
    {
        BigInteger Cosine(int frequency, int place) => new(Math.Round(16384 * Math.Cos(Math.PI * frequency * (place + 0.5) / 32)));
        var coefficients =
            from v in Enumerable.Range(1, 8)
            from u in Enumerable.Range(1, 8)
            select small
                .Pixels.Chunk(3)
                .Select((rgb, cell) => (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2]) * Cosine(u, cell % 32) * Cosine(v, cell / 32))
                .Aggregate(BigInteger.Zero, (sum, term) => sum + term);
        return Bits([.. coefficients.Select(value => (double)value)]);
    }

    private static ulong RealTransform(RgbImage small)
    {
        var luma = small.Pixels.Chunk(3).Select(rgb => 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]).ToArray();
        var coefficients =
            from v in Enumerable.Range(1, 8)
            from u in Enumerable.Range(1, 8)
            select luma.Select(
                    (value, cell) => value * Math.Cos(Math.PI * u * (cell % 32 + 0.5) / 32) * Math.Cos(Math.PI * v * (cell / 32 + 0.5) / 32)
                )
                .Sum();
        return Bits([.. coefficients]);
    }

    private static ulong Bits(double[] coefficients)
    {
        var sorted = coefficients.Order().ToArray();
        var median = (sorted[31] + sorted[32]) / 2;
        return coefficients.Select((value, bit) => value > median ? 1UL << bit : 0).Aggregate((all, one) => all | one);
    }
}
