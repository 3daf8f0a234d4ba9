using System.Buffers;

namespace Pipeline.Models.Images;

/// <summary>Resizes as Pillow's <c>Image.resize</c> does, to the bit: antialiased, in fixed point, rounded to uint8 between the two passes.</summary>
/// <remarks>
/// Published models were trained and tested on pictures resampled this way. Formulas and constants: Pillow 9.4 <c>src/libImaging/Resample.c</c>
/// (HPND licence); written anew. Vector code and plain loops add the same integers.
/// </remarks>
public static class PillowResize
{
    private const int Channels = 3;

    /// <summary>Triangle filter; <paramref name="width"/> and <paramref name="height"/> in pixels, at least 1. An equal size gives the image itself.</summary>
    public static RgbImage Bilinear(RgbImage image, int width, int height) => Resize(image, width, height, PillowFilter.Bilinear);

    /// <summary>Keys' cubic filter with a = -0.5; <paramref name="width"/> and <paramref name="height"/> in pixels, at least 1. An equal size gives the image itself.</summary>
    public static RgbImage Bicubic(RgbImage image, int width, int height) => Resize(image, width, height, PillowFilter.Bicubic);

    private static RgbImage Resize(RgbImage image, int width, int height, PillowFilter filter)
    {
        if (width < 1 || height < 1)
        {
            throw new ArgumentException($"The size wanted is {width} × {height}; both sides must be at least 1 pixel. Correct the size.");
        }

        return width == image.Width && height == image.Height
            ? image
            : Window(image, width, height, new PixelWindow(0, 0, width, height), filter, ResizeKernelChoice.Best);
    }

    /// <summary>A window of the resized image; equal to resizing the whole and cutting, without the work for what is cut off.</summary>
    /// <param name="image">The image; it is not changed.</param>
    /// <param name="width">Pixels in a row of the whole resized image.</param>
    /// <param name="height">Rows of the whole resized image.</param>
    /// <param name="window">What is wanted, inside that image.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="kernels">Which code runs.</param>
    internal static RgbImage Window(RgbImage image, int width, int height, PixelWindow window, PillowFilter filter, ResizeKernels kernels)
    {
        var rows = height == image.Height ? null : PillowAxis.Of(image.Height, height, window.Top, window.Height, filter);
        var columns = width == image.Width ? null : PillowAxis.Of(image.Width, width, window.Left, window.Width, filter);
        var (first, count) = rows?.Reach ?? (window.Top, window.Height);

        // Rows between the passes have room behind them for what vector code reads and writes too much.
        var stride = (window.Width * Channels + PillowPasses.Slack + 15) / 16 * 16;
        var between = ArrayPool<byte>.Shared.Rent(checked(stride * count));
        try
        {
            if (columns is null)
            {
                for (var row = 0; row < count; row++)
                {
                    var start = ((first + row) * image.Width + window.Left) * Channels;
                    image.Pixels.AsSpan(start, window.Width * Channels).CopyTo(between.AsSpan(row * stride));
                }
            }
            else
            {
                PillowPasses.Across(image, first, count, columns, between, stride, kernels);
            }

            var pixels = GC.AllocateUninitializedArray<byte>(checked(window.Width * window.Height * Channels));
            if (rows is null)
            {
                for (var row = 0; row < window.Height; row++)
                {
                    between.AsSpan(row * stride, window.Width * Channels).CopyTo(pixels.AsSpan(row * window.Width * Channels));
                }
            }
            else
            {
                PillowPasses.Down(between, stride, first, rows, pixels, window.Width * Channels, kernels);
            }

            return new RgbImage(window.Width, window.Height, pixels);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(between);
        }
    }
}

/// <summary>A part of an image, in pixels from its upper left corner.</summary>
internal readonly record struct PixelWindow(int Left, int Top, int Width, int Height);
