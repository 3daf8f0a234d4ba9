using Pipeline.Models.ResNet;
using static TorchSharp.torch;

namespace Pipeline.Models.Training;

/// <summary>Turns uint8 planes into what the network takes.</summary>
internal static class PixelInput
{
    /// <summary><c>[count, 3, size, size] float32</c>: 0 to 1, or with ImageNet's mean and deviation taken off. The caller disposes.</summary>
    public static Tensor From(byte[] pixels, long count, long size, bool normalise, Device device)
    {
        using var scope = NewDisposeScope();
        var input = tensor(pixels, [count, 3, size, size], dtype: ScalarType.Byte).to(device).to(ScalarType.Float32).div_(255f);
        if (normalise)
        {
            var mean = tensor(ImageNetTransform.Mean, [1, 3, 1, 1]).to(device);
            var deviation = tensor(ImageNetTransform.Deviation, [1, 3, 1, 1]).to(device);
            input.sub_(mean).div_(deviation);
        }

        return scope.MoveToOuter(input);
    }
}
