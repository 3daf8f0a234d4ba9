using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Pipeline.Models.ResNet;

/// <summary>The path around a residual block.</summary>
internal static class Shortcut
{
    /// <summary>A 1×1 convolution with normalisation (names <c>0</c> and <c>1</c>), or null where the input passes unchanged.</summary>
    public static Sequential? For(long inputs, long outputs, long stride) =>
        stride == 1 && inputs == outputs
            ? null
            : Sequential(("0", Conv2d(inputs, outputs, 1, stride: stride, bias: false)), ("1", BatchNorm2d(outputs)));
}
