using Pipeline.Models.Images;

namespace Pipeline.Models;

/// <summary>Says in one sentence what is in an image.</summary>
public interface ICaptioner
{
    /// <summary>Gives one caption for each image, in the order of <paramref name="images"/>.</summary>
    /// <param name="images">Decoded images of any size.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    ValueTask<IReadOnlyList<string>> CaptionAsync(IReadOnlyList<RgbImage> images, CancellationToken stop);
}
