using Pipeline.Models.Calls;
using Pipeline.Models.ResNet;
using static TorchSharp.torch;

namespace Pipeline.Models.Training;

/// <summary>Runs a network over many images, always in calls of one size.</summary>
/// <param name="model">Put into evaluation mode by the caller.</param>
/// <param name="callSize">Images in one call at first.</param>
/// <param name="imageSize">Pixels of a side.</param>
/// <param name="normalise">Whether ImageNet's mean and deviation are taken off.</param>
/// <param name="threads">Threads that read images.</param>
/// <param name="device">Where the model lies.</param>
internal sealed class ConstantSizeCalls(ResNetModel model, int callSize, int imageSize, bool normalise, int threads, Device device)
{
    private readonly PaddedCalls<byte> calls = new(
        callSize,
        3 * imageSize * imageSize,
        model.Classes,
        threads,
        (pixels, room, logits) => Call(model, pixels, room, imageSize, normalise, device, logits)
    );

    /// <summary>Images in one call; a change is for the next <see cref="Logits"/>.</summary>
    public int CallSize
    {
        get => calls.CallSize;
        set => calls.CallSize = value;
    }

    /// <summary>Logits of images 0 to <paramref name="count"/> - 1, one row each.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for; looked at before each call.</exception>
    public float[][] Logits(int count, ReadPixels read, CancellationToken stop) => calls.Run(count, (row, rgb) => read(row, rgb), stop);

    private static void Call(ResNetModel model, byte[] pixels, int room, int imageSize, bool normalise, Device device, float[] logits)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var input = PixelInput.From(pixels, room, imageSize, normalise, device);
        model.call(input).cpu().data<float>().CopyTo(logits);
    }
}
