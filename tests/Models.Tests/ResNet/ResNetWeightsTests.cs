using Pipeline.Models.ResNet;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.ResNet;

public sealed class ResNetWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ResNetModel model = ResNetModel.Create("resnet18", 3, seed: 1);

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Weights_go_there_and_back()
    {
        using var other = ResNetModel.Create("resnet18", 3, seed: 2);

        ResNetWeights.Save(model, folder.File("a"));
        ResNetWeights.Load(other, folder.File("a"));

        Same(other, model).Should().BeTrue();
    }

    [Fact]
    public void Missing_unknown_and_misshaped_tensors_are_all_named()
    {
        using var wrong = zeros(64, 3, 3, 3);
        var state = model.State().Where(item => item.Key is not ("bn1.bias" or "conv1.weight")).Select(item => (item.Key, item.Value));
        SafetensorsFile.Write(folder.File("a"), [.. state, ("extra", wrong), ("conv1.weight", wrong)]);

        var load = () => ResNetWeights.Load(model, folder.File("a"));
        var initialize = () => ResNetWeights.Initialize(model, folder.File("a"));

        const string message = "*conv1.weight is [64, 3, 3, 3], wanted [64, 3, 7, 7]; bn1.bias is missing; extra is unknown*";
        load.Should().Throw<InvalidDataException>().WithMessage(message);
        initialize.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void A_head_of_another_class_count_is_replaced_by_a_fresh_one_and_reported_but_never_loaded()
    {
        using var published = ResNetModel.Create("resnet18", 1000, seed: 2);
        using var start = ResNetModel.Create("resnet18", 3, seed: 1);
        ResNetWeights.Save(published, folder.File("a"));

        var replaced = ResNetWeights.Initialize(start, folder.File("a"));
        var load = () => ResNetWeights.Load(model, folder.File("a"));

        replaced.Should().Be(1000);
        start.State()["fc.weight"].Equals(model.State()["fc.weight"]).Should().BeTrue();
        start.State()["conv1.weight"].Equals(published.State()["conv1.weight"]).Should().BeTrue();
        load.Should().Throw<InvalidDataException>().WithMessage("*fc.weight is [1000, 512], wanted [3, 512]*");
    }

    [Fact]
    public void A_head_of_the_same_class_count_is_taken_over()
    {
        using var start = ResNetModel.Create("resnet18", 3, seed: 9);
        ResNetWeights.Save(model, folder.File("a"));

        var replaced = ResNetWeights.Initialize(start, folder.File("a"));

        replaced.Should().BeNull();
        Same(start, model).Should().BeTrue();
    }

    [Fact]
    public void Published_weights_may_lack_the_counters_of_normalisation_but_own_checkpoints_may_not()
    {
        using var start = ResNetModel.Create("resnet18", 3, seed: 9);
        var state = model.State().Where(item => !item.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        SafetensorsFile.Write(folder.File("a"), state.Select(item => (item.Key, item.Value)));

        ResNetWeights.Initialize(start, folder.File("a"));
        var load = () => ResNetWeights.Load(model, folder.File("a"));

        Same(start, model).Should().BeTrue();
        load.Should().Throw<InvalidDataException>().WithMessage("*num_batches_tracked is missing*");
    }

    private static bool Same(ResNetModel one, ResNetModel other) => one.State().All(item => item.Value.Equals(other.State()[item.Key]));
}
