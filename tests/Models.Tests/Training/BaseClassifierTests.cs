using Pipeline.Models.ResNet;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

public sealed class BaseClassifierTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ColouredImages images = new(10, 32, 2);

    public BaseClassifierTests()
    {
        using var model = ResNetModel.Create("resnet18", 2, seed: 3);
        ResNetWeights.Save(model, folder.File(ImageClassifier.WeightsFileName));
        new ClassifierConfig("resnet18", ["red", "green"], 32, true, "original-0").Write(folder.Root);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Thresholds_are_the_mean_confidence_of_each_class_and_completing_again_changes_nothing()
    {
        var content = Complete();
        var again = Complete();

        using var loaded = BaseClassifier.Load(folder.Root);
        var pixels = Enumerable.Range(0, images.Count).Select(Pixels).ToArray();
        var rows = loaded.Probabilities(pixels, CancellationToken.None);
        var means = Enumerable
            .Range(0, 2)
            .Select(label => rows.Where((_, index) => images.Label(index) == label).Average(row => (double)row[label]));
        loaded.Thresholds.ClassNames.Should().Equal("red", "green");
        loaded.Thresholds.Counts.Should().Equal(5, 5);
        loaded.Thresholds.Thresholds.Zip(means).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-12);
        again.Should().Be(content).And.MatchRegex("^[0-9a-f]{32}$");
    }

    [Fact]
    public void Thresholds_of_other_classes_are_an_error()
    {
        Complete();
        new ConfidenceThresholds(["red", "blue"], [5, 5], [0.5, 0.5]).Write(folder.Root);

        var load = () => BaseClassifier.Load(folder.Root);

        load.Should()
            .Throw<InvalidDataException>()
            .WithMessage("*has 2 thresholds for red, blue; it must have one for each of the model's classes red, green.*");
    }

    [Fact]
    public void A_thresholds_file_of_another_form_is_an_error_that_names_it()
    {
        Complete();
        File.WriteAllText(folder.File(ConfidenceThresholds.FileName), "{\"thresholds\": [0.5]}");

        var load = () => BaseClassifier.Load(folder.Root);

        load.Should().Throw<InvalidDataException>().WithMessage("*thresholds.json is not a base classifier's thresholds*");
    }

    private string Complete() => BaseClassifier.Complete(folder.Root, new TrainingSplit(images), 2, "cpu", CancellationToken.None);

    private ReadOnlyMemory<byte> Pixels(int index)
    {
        var rgb = new byte[3 * 32 * 32];
        images.Read(index, rgb);
        return rgb;
    }
}
