using Pipeline.Models.ResNet;
using static TorchSharp.torch;

namespace Pipeline.Models.Training;

/// <summary>Runs a network over many images, always in calls of one size: the last one is padded, so that a result never depends on its neighbours.</summary>
/// <param name="model">Put into evaluation mode by the caller.</param>
/// <param name="callSize">Images in one call at first.</param>
/// <param name="imageSize">Pixels of a side.</param>
/// <param name="normalise">Whether ImageNet's mean and deviation are taken off.</param>
/// <param name="threads">Threads that read images.</param>
/// <param name="device">Where the model lies.</param>
internal sealed class ConstantSizeCalls(ResNetModel model, int callSize, int imageSize, bool normalise, int threads, Device device)
{
    private int size = callSize;

    /// <summary>Images in one call; a change is for the next <see cref="Logits"/>.</summary>
    public int CallSize
    {
        get => Volatile.Read(ref size);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Volatile.Write(ref size, value);
        }
    }

    /// <summary>Logits of images 0 to <paramref name="count"/> - 1, one row each.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for; looked at before each call.</exception>
    public float[][] Logits(int count, ReadPixels read, CancellationToken stop)
    {
        var imageBytes = 3 * imageSize * imageSize;
        var room = CallSize;
        var pixels = new byte[room * imageBytes];
        var rows = new float[count][];
        for (var first = 0; first < count; first += room)
        {
            stop.ThrowIfCancellationRequested();
            var used = Math.Min(room, count - first);
            var start = first;
            Parallel.For(
                0,
                used,
                new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = stop },
                slot => read(start + slot, pixels.AsSpan(slot * imageBytes, imageBytes))
            );
            pixels.AsSpan(used * imageBytes).Clear();
            var logits = Call(pixels, room);
            for (var slot = 0; slot < used; slot++)
            {
                rows[first + slot] = logits.AsSpan(slot * model.Classes, model.Classes).ToArray();
            }
        }

        return rows;
    }

    private float[] Call(byte[] pixels, int room)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var input = PixelInput.From(pixels, room, imageSize, normalise, device);
        return model.call(input).cpu().data<float>().ToArray();
    }
}
