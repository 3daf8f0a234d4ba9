using Pipeline.Models.Images;
using Pipeline.Stages.Filter;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Runs;
using Pipeline.Stages.Tests.Train;

namespace Pipeline.Stages.Tests.Filter;

public sealed class FilterStageTests
{
    [Theory]
    [InlineData(ResizeQuality.Scaled)]
    [InlineData(ResizeQuality.Bicubic)]
    public void Edits_are_resized_as_the_classifiers_training_images_were(ResizeQuality resize)
    {
        using var work = new WorkFolder();
        ConstantClassifier.Write(work.Root, ["a", "b"], resize);
        var pixels = new byte[90 * 70 * 3];
        new Random(3).NextBytes(pixels);
        var edit = JpegEncoder.Encode(new RgbImage(90, 70, pixels));
        using var stage = new FilterStage(work.Root, new FilterOptions());

        var item = stage.Prepare(new FilterInput("s", "v", edit, 1));

        item.Should().ContainSingle().Which.Value.Pixels.Should().Equal(Planar.Of(ImageDecoder.DecodeToSize(edit, 32, 32, resize)));
    }
}
