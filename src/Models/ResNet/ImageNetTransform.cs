using Pipeline.Models.Images;
using static TorchSharp.torch;

namespace Pipeline.Models.ResNet;

/// <summary>torchvision's evaluation transform for ImageNet weights: short side to 256 pixels, the middle 224 × 224, mean and deviation.</summary>
public static class ImageNetTransform
{
    /// <summary>Pixels of the short side after resizing.</summary>
    public const int ResizeEdge = 256;

    /// <summary>Pixels of the crop's sides.</summary>
    public const int CropEdge = 224;

    /// <summary>ImageNet's mean of red, green and blue, on the scale 0 to 1 (torchvision).</summary>
    internal static readonly float[] Mean = [0.485f, 0.456f, 0.406f];

    /// <summary>ImageNet's standard deviation of red, green and blue, on the scale 0 to 1 (torchvision).</summary>
    internal static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary><c>[3, 224, 224] float32</c>, RGB, normalised; the caller disposes.</summary>
    public static Tensor Apply(RgbImage image)
    {
        var (width, height) =
            image.Width <= image.Height
                ? (ResizeEdge, (int)((long)ResizeEdge * image.Height / image.Width))
                : ((int)((long)ResizeEdge * image.Width / image.Height), ResizeEdge);
        var resized = PillowResize.Bilinear(image, width, height);
        var left = (int)Math.Round((width - CropEdge) / 2.0, MidpointRounding.ToEven);
        var top = (int)Math.Round((height - CropEdge) / 2.0, MidpointRounding.ToEven);
        var planes = new float[3 * CropEdge * CropEdge];
        for (var channel = 0; channel < 3; channel++)
        {
            for (var row = 0; row < CropEdge; row++)
            {
                for (var column = 0; column < CropEdge; column++)
                {
                    var pixel = resized.Pixels[(((row + top) * width) + column + left) * 3 + channel];
                    planes[(channel * CropEdge + row) * CropEdge + column] = (pixel / 255f - Mean[channel]) / Deviation[channel];
                }
            }
        }

        return tensor(planes, [3, CropEdge, CropEdge]);
    }
}
