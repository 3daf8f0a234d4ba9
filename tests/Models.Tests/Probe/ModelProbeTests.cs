using Pipeline.Models.Images;
using Pipeline.Models.Probe;
using Pipeline.Models.ResNet;
using Pipeline.Models.Tests.Golden;

namespace Pipeline.Models.Tests.Probe;

public sealed class ModelProbeTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("probe-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Picture_is_the_same_every_time_and_has_a_red_house_under_a_blue_sky()
    {
        var image = ImageDecoder.Decode(ProbePicture.Encode());

        ProbePicture.Encode().Should().Equal(ProbePicture.Encode());
        (image.Width, image.Height).Should().Be((ProbePicture.Side, ProbePicture.Side));
        Pixel(image, 10, 10).Should().Match<(int R, int G, int B)>(sky => sky.B > sky.R + 50);
        Pixel(image, 116, 300).Should().Match<(int R, int G, int B)>(wall => wall.R > wall.G + 50);
    }

    [Fact]
    public void Shipped_classifier_tells_its_classes_and_flags_no_house()
    {
        var report = ModelProbe.Look(
            Path.Combine(AppContext.BaseDirectory, "models", "nsfw-mobilenet-v2"),
            ProbePicture.Encode(),
            CancellationToken.None
        );

        report.Ranking.Should().HaveCount(5).And.BeInDescendingOrder(item => item.Probability);
        report.Ranking.Sum(item => item.Probability).Should().BeApproximately(1, 1e-4);
        report.Ranking.Take(2).Select(item => item.What).Should().BeEquivalentTo("Neutral", "Drawing");
        report.Verdict.Should().StartWith("Not flagged, score 0.");
    }

    [Fact]
    public void Clip_model_ranks_the_texts()
    {
        var report = ModelProbe.Look(Path.Combine(GoldenSet.Fixtures, "clip", "model"), ProbePicture.Encode(), CancellationToken.None);

        report.Model.Should().StartWith("clip");
        report.Ranking.Select(item => item.What).Should().BeEquivalentTo(ModelProbe.Texts);
        report.Ranking.Sum(item => item.Probability).Should().BeApproximately(1, 1e-4);
        report.Ranking.Should().BeInDescendingOrder(item => item.Probability);
    }

    [Fact]
    public void ResNet_tells_the_numbers_of_its_classes()
    {
        Write("config.json", """{"architecture":"resnet18","num_classes":7}""");
        using (var network = ResNetModel.Create("resnet18", 7, seed: 3))
            ResNetWeights.Save(network, Path.Combine(folder.FullName, "model.safetensors"));

        var report = ModelProbe.Look(folder.FullName, ProbePicture.Encode(), CancellationToken.None);

        report.Model.Should().Be("resnet18");
        report.Ranking.Should().HaveCount(5);
        report.Ranking[0].What.Should().MatchRegex("^class [0-6]$");
    }

    [Theory]
    [InlineData("""{"model_type":"siglip"}""", "*describes model_type 'siglip'; it must be CLIP*")]
    [InlineData("""{"architecture":"vit_base_patch16_224"}""", "*describes the architecture 'vit_base_patch16_224'*")]
    [InlineData("""{"architecture":"resnet50","num_classes":-1}""", "num_classes of *config.json is -1*")]
    [InlineData("[]", "*config.json is no configuration (it is no object)*")]
    [InlineData("{", "*config.json is no configuration*")]
    [InlineData(null, "*config.json is missing*")]
    public void Other_folders_are_named(string? config, string message)
    {
        if (config is not null)
            Write("config.json", config);

        var look = () => ModelProbe.Look(folder.FullName, ProbePicture.Encode(), CancellationToken.None);

        look.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    private static (int R, int G, int B) Pixel(RgbImage image, int x, int y)
    {
        var at = ((y * image.Width) + x) * 3;
        return (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder.FullName, name), text);
}
