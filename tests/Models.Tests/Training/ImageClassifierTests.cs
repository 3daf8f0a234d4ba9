using Pipeline.Models.Images;
using Pipeline.Models.ResNet;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

public sealed class ImageClassifierTests : IDisposable
{
    private const int Size = 48;
    private readonly TemporaryFolder folder = new();

    public ImageClassifierTests()
    {
        using var model = ResNetModel.Create("resnet18", 3, seed: 6);
        ResNetWeights.Save(model, folder.File(ImageClassifier.WeightsFileName));
        new ClassifierConfig("resnet18", ["a", "b", "c"], Size, Normalise: true, "original").Write(folder.Root);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_image_has_equal_probabilities_whatever_stands_beside_it()
    {
        using var classifier = ImageClassifier.Load(folder.Root, callSize: 8);
        var images = Images(19);

        var together = classifier.Probabilities(images, CancellationToken.None);
        var alone = images.Select(image => classifier.Probabilities([image], CancellationToken.None)[0]).ToArray();
        var backwards = classifier.Probabilities([.. images.Reverse()], CancellationToken.None).Reverse().ToArray();

        together.Should().HaveCount(19).And.OnlyContain(row => Math.Abs(row.Sum() - 1) < 1e-5);
        alone.SelectMany(row => row).Should().Equal(together.SelectMany(row => row));
        backwards.SelectMany(row => row).Should().Equal(together.SelectMany(row => row));
        together.Select(row => row[0]).Distinct().Should().HaveCount(19);
    }

    [Fact]
    public void Another_call_size_agrees_within_1e_5()
    {
        using var one = ImageClassifier.Load(folder.Root, callSize: 1);
        using var many = ImageClassifier.Load(folder.Root, callSize: 32);
        var images = Images(5);

        var first = one.Probabilities(images, CancellationToken.None).SelectMany(row => row);
        var second = many.Probabilities(images, CancellationToken.None).SelectMany(row => row);

        first.Zip(second).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
    }

    [Fact]
    public void A_call_size_that_no_memory_holds_can_be_made_smaller()
    {
        using var four = ImageClassifier.Load(folder.Root, callSize: 4);
        using var smaller = ImageClassifier.Load(folder.Root, callSize: (int.MaxValue / (3 * Size * Size)) + 1);
        var images = Images(5);
        var before = () => smaller.Probabilities(images, CancellationToken.None);
        var none = () => smaller.CallSize = 0;

        before.Should().Throw<Exception>();
        none.Should().Throw<ArgumentOutOfRangeException>();
        smaller.CallSize = 4;

        var expected = four.Probabilities(images, CancellationToken.None);
        smaller.Probabilities(images, CancellationToken.None).SelectMany(row => row).Should().Equal(expected.SelectMany(row => row));
    }

    [Fact]
    public void A_test_split_is_scored_with_its_groups()
    {
        using var classifier = ImageClassifier.Load(folder.Root);
        var images = new ColouredImages(6, Size, 3);

        var scores = classifier.Test(new TestSplit(images), ["x", "x", "x", "y", "y", "y"], CancellationToken.None);

        scores.Count.Should().Be(6);
        scores.PerGroup.Select(group => $"{group.Label} {group.Group}").Should().Equal("a x", "a y", "b x", "b y", "c x", "c y");
    }

    [Fact]
    public void An_image_of_another_size_is_refused()
    {
        using var classifier = ImageClassifier.Load(folder.Root);

        var act = () => classifier.Probabilities([new byte[3 * 32 * 32]], CancellationToken.None);

        act.Should().Throw<ArgumentException>().WithMessage("Image 0 is 3072 bytes*6912 bytes*48 × 48*");
    }

    [Fact]
    public void The_configuration_goes_there_and_back_and_a_broken_one_is_named()
    {
        var read = ClassifierConfig.Read(folder.Root);
        File.WriteAllText(folder.File("config.json"), """{"architecture":"resnet18"}""");

        var broken = () => ImageClassifier.Load(folder.Root);

        read.Should().BeEquivalentTo(new ClassifierConfig("resnet18", ["a", "b", "c"], Size, true, "original"));
        broken.Should().Throw<InvalidDataException>().WithMessage("*config.json is not a classifier's configuration*");
    }

    [Fact]
    public void The_resizing_goes_there_and_back_and_is_scaled_in_a_file_from_before_there_was_a_choice()
    {
        var exact = new ClassifierConfig("resnet18", ["a"], Size, true, "original") { Resize = ResizeQuality.Bicubic };
        exact.Write(folder.Root);
        var written = File.ReadAllText(folder.File("config.json"));
        var read = ClassifierConfig.Read(folder.Root);
        File.WriteAllText(
            folder.File("config.json"),
            """{"architecture":"resnet18","classNames":["a"],"imageSize":48,"normalise":true,"training":"original"}"""
        );

        var before = ClassifierConfig.Read(folder.Root);

        written.Should().Contain("\"resize\": \"bicubic\"");
        read.Resize.Should().Be(ResizeQuality.Bicubic);
        before.Resize.Should().Be(ResizeQuality.Scaled);
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void The_image_size_is_between_32_and_1024_pixels(int size, bool good)
    {
        new ClassifierConfig("resnet18", ["a", "b", "c"], size, true, "original").Write(folder.Root);

        var act = () => ClassifierConfig.Read(folder.Root);

        if (good)
        {
            act.Should().NotThrow();
        }
        else
        {
            act.Should().Throw<InvalidDataException>().WithMessage($"*imageSize is {size}*between 32 and 1024 pixels*");
        }
    }

    [Fact]
    public void Weights_of_another_class_count_are_refused()
    {
        new ClassifierConfig("resnet18", ["a", "b"], Size, true, "original").Write(folder.Root);

        var act = () => ImageClassifier.Load(folder.Root);

        act.Should().Throw<InvalidDataException>().WithMessage("*fc.weight is [3, 512], wanted [2, 512]*");
    }

    private static ReadOnlyMemory<byte>[] Images(int count)
    {
        var source = new ColouredImages(count, Size, 3);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(index =>
                {
                    var rgb = new byte[3 * Size * Size];
                    source.Read(index, rgb);
                    return new ReadOnlyMemory<byte>(rgb);
                }),
        ];
    }
}
