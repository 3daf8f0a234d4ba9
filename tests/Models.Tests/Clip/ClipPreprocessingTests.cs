using Pipeline.Models.Clip;
using Pipeline.Models.Images;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Tests.Weights;

namespace Pipeline.Models.Tests.Clip;

public sealed class ClipPreprocessingTests : IDisposable
{
    private static readonly double[] Mean = [0.48145466, 0.4578275, 0.40821073];
    private static readonly double[] Deviation = [0.26862954, 0.26130258, 0.27577711];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Odd margins of both signs: cut off more after, filled more before, as the reference's floor and ceiling have it.</summary>
    [Theory]
    [InlineData(50, 31, 32, 32)]
    [InlineData(31, 50, 32, 32)]
    [InlineData(32, 32, 32, 32)]
    [InlineData(200, 33, 32, 32)]
    [InlineData(64, 64, 21, 32)]
    [InlineData(70, 40, 21, 32)]
    [InlineData(3, 5, 32, 32)]
    public void An_image_is_resized_cut_and_filled_as_the_formula_says(int width, int height, int shortSide, int size)
    {
        var image = Noise(width, height);
        var preprocessing = Read($$$"""{"size": {"shortest_edge": {{{shortSide}}}}, "crop_size": {{{size}}}}""", size);

        var pixels = preprocessing.Apply(image);

        pixels.Zip(Formula(image, shortSide, size), (got, want) => Math.Abs(got - want)).Max().Should().BeLessThan(1e-5);
    }

    [Fact]
    public void Sizes_may_be_numbers()
    {
        var image = Noise(90, 40);

        var numbers = Read("""{"size": 24, "crop_size": 32, "feature_extractor_type": "CLIPFeatureExtractor"}""", 32).Apply(image);

        numbers.Should().Equal(Read("""{"size": {"shortest_edge": 24}, "crop_size": {"height": 32, "width": 32}}""", 32).Apply(image));
    }

    [Fact]
    public void Steps_can_be_left_out()
    {
        var image = Noise(32, 32);
        var plain = Read("""{"do_resize": false, "do_center_crop": false, "do_normalize": false, "do_rescale": false}""", 32);

        plain.Apply(image)[0].Should().Be(image.Pixels[0]);
        plain
            .Invoking(plain => plain.Apply(Noise(33, 32)))
            .Should()
            .Throw<ImageRejectedException>()
            .WithMessage("*33 × 32*must be 32 × 32*");
    }

    [Theory]
    [InlineData("""{"crop_size": 40}""", "*preprocessor_config.json*crop_size is 40 × 40*32 × 32*")]
    [InlineData("""{"crop_size": 32, "resample": 1}""", "*resample is 1*")]
    [InlineData("""{"crop_size": 32, "image_mean": [1, 2]}""", "*image_mean is a list of 2*a list of 3*")]
    [InlineData("""{"crop_size": 32, "image_std": [1, 0, 1]}""", "*image_std*over 0*")]
    [InlineData("""{"crop_size": 32, "do_pad": true}""", "*do_pad is true*may change the result*")]
    [InlineData("""{"crop_size": 32, "size": {"longest_edge": 3}}""", "*size.width is missing*")]
    [InlineData("""{"crop_size": 32, "size": -3}""", "*size is -3*")]
    [InlineData("""{"crop_size": {"width": "x"}}""", "*crop_size.width is \"x\"*")]
    public void A_field_that_cannot_be_is_named(string json, string message)
    {
        var act = () => Read(json, 32);

        act.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    /// <summary>The samples have 160 pixels a side; at these sizes they are decoded at 4, 4 and 4 eighths, and at 16 at 2.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(48)]
    [InlineData(56)]
    public void Fast_decoding_is_near_exact_decoding_on_the_sample_images(int size)
    {
        var samples = Path.Combine(GoldenSet.Fixtures, "..", "..", "..", "samples", "stampbirds", "images");
        var files = Directory
            .EnumerateFiles(samples, "*.jpg", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Where((_, index) => index % 3 == 0)
            .ToArray();
        var preprocessing = ClipPreprocessing.Default(size);

        var cosines = files
            .Select(File.ReadAllBytes)
            .Select(file => Cosine(preprocessing.Prepare(file), preprocessing.Prepare(file, ClipPixels.Fast)))
            .ToArray();

        cosines.Should().HaveCountGreaterThan(100);
        cosines.Min().Should().BeGreaterThan(0.995);
    }

    private ClipPreprocessing Read(string json, int size)
    {
        File.WriteAllText(folder.File(ClipPreprocessing.FileName), json);
        return ClipPreprocessing.Read(folder.File(ClipPreprocessing.FileName), size);
    }

    /// <summary>Pixel by pixel, in float64, on Pillow's resized image.</summary>
    private static IEnumerable<double> Formula(RgbImage image, int shortSide, int size)
    {
        var scale = shortSide / (double)Math.Min(image.Width, image.Height);
        var (width, height) = ((int)Math.Floor(image.Width * scale + 1e-9), (int)Math.Floor(image.Height * scale + 1e-9));
        var resized = PillowResize.Bicubic(image, width, height);
        var (left, top) = ((int)Math.Floor((width - size) / 2.0), (int)Math.Floor((height - size) / 2.0));
        return from channel in Enumerable.Range(0, 3)
            from row in Enumerable.Range(top, size)
            from column in Enumerable.Range(left, size)
            let isInside = row >= 0 && row < height && column >= 0 && column < width
            let value = isInside ? resized.Pixels[((row * width) + column) * 3 + channel] : 0
            select ((value / 255.0) - Mean[channel]) / Deviation[channel];
    }

    private static double Cosine(float[] left, float[] right)
    {
        double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
        return Dot(left, right) / Math.Sqrt(Dot(left, left) * Dot(right, right));
    }

    private static RgbImage Noise(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        new Random((width * 1000) + height).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }
}
