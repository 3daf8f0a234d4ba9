using Pipeline.Models.ResNet;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.ResNet;

public sealed class ResNetModelTests
{
    [Theory]
    [InlineData("resnet18", 122, 11_689_512, "layer4.1.conv2.weight", new long[] { 512, 512, 3, 3 })]
    [InlineData("resnet50", 320, 25_557_032, "layer4.2.conv3.weight", new long[] { 2048, 512, 1, 1 })]
    public void Names_shapes_and_counts_are_torchvisions(string architecture, int tensors, long parameters, string last, long[] shape)
    {
        using var model = ResNetModel.Create(architecture, 1000, seed: 1);

        var state = model.State();

        state.Should().HaveCount(tensors);
        model.parameters().Sum(parameter => parameter.numel()).Should().Be(parameters);
        state[last].shape.Should().Equal(shape);
        state
            .Keys.Should()
            .Contain([
                "conv1.weight",
                "bn1.running_mean",
                "bn1.num_batches_tracked",
                "layer2.0.downsample.0.weight",
                "layer2.0.downsample.1.running_var",
                "fc.weight",
                "fc.bias",
            ]);
    }

    [Fact]
    public void Fresh_weights_depend_on_the_seed_and_not_on_the_global_generator()
    {
        random.manual_seed(1);
        using var one = ResNetModel.Create("resnet18", 3, seed: 7);
        random.manual_seed(2);
        using var same = ResNetModel.Create("resnet18", 3, seed: 7);
        using var other = ResNetModel.Create("resnet18", 3, seed: 8);

        var equal = one.State().All(item => item.Value.Equals(same.State()[item.Key]));
        var unequal = one.State().Where(item => !item.Value.Equals(other.State()[item.Key])).Select(item => item.Key);

        equal.Should().BeTrue();
        unequal.Should().HaveCount(20 + 2, "every convolution and the head are drawn");
    }

    [Fact]
    public void Fresh_weights_have_torchvisions_distributions()
    {
        using var model = ResNetModel.Create("resnet18", 10, seed: 3);

        var state = model.State();

        state["layer3.1.conv1.weight"].std().ToSingle().Should().BeApproximately((float)Math.Sqrt(2.0 / (256 * 9)), 3e-4f);
        state["fc.weight"].abs().max().ToSingle().Should().BeInRange(0.0435f, (float)(1 / Math.Sqrt(512)));
        state["bn1.weight"].min().ToSingle().Should().Be(1);
        state["bn1.bias"].abs().max().ToSingle().Should().Be(0);
        state["bn1.running_var"].min().ToSingle().Should().Be(1);
    }

    [Theory]
    [InlineData("resnet18", 0, "*class count is 0*")]
    [InlineData("resnet34", 2, "*'resnet34'*resnet18 or resnet50*")]
    public void An_unknown_architecture_and_no_class_are_refused(string architecture, int classes, string message)
    {
        var act = () => ResNetModel.Create(architecture, classes, seed: 0);

        act.Should().Throw<ArgumentException>().WithMessage(message);
    }

    [Fact]
    public void A_call_leaves_no_tensor_but_its_result()
    {
        using var model = ResNetModel.Create("resnet18", 2, seed: 0);
        using var input = rand(2, 3, 32, 32);
        model.eval();
        using var warm = model.call(input);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using var logits = model.call(input);

        (DisposeScopeManager.Statistics.ThreadTotalLiveCount - before).Should().Be(1);
        logits.shape.Should().Equal(2, 2);
    }
}
