using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pipeline.Models.ResNet;

/// <summary>The residual block of ResNet-18: two 3×3 convolutions. Names as torchvision 0.14 <c>models/resnet.py</c> (BSD-3-Clause) has them.</summary>
internal sealed class BasicBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Sequential? downsample;

    /// <summary>Makes a block from <paramref name="inputs"/> to <paramref name="width"/> channels; its first convolution has the stride.</summary>
    public BasicBlock(long inputs, long width, long stride)
        : base(nameof(BasicBlock))
    {
        conv1 = Conv2d(inputs, width, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        downsample = Shortcut.For(inputs, width, stride);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var output = bn1.call(conv1.call(input)).relu_();
        output = bn2.call(conv2.call(output));
        var identity = downsample is null ? input : downsample.call(input);
        return scope.MoveToOuter(output.add_(identity).relu_());
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            conv1.Dispose();
            bn1.Dispose();
            conv2.Dispose();
            bn2.Dispose();
            downsample?.Dispose();
        }

        base.Dispose(disposing);
    }
}
