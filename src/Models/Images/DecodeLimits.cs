namespace Pipeline.Models.Images;

/// <summary>What an image may claim in its header before memory is given to it.</summary>
public sealed record DecodeLimits
{
    /// <summary>Above this an RGB image is larger than an array can be.</summary>
    public const long MostPixels = 700_000_000;

    private readonly long _pixels = 178_000_000;

    /// <summary>Largest width × height, in pixels; 1 to <see cref="MostPixels"/>. The default is about where Pillow refuses too (a decoded image of 534 MB).</summary>
    public long Pixels
    {
        get => _pixels;
        init =>
            _pixels = value is >= 1 and <= MostPixels
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value),
                    $"The pixel limit is {value:N0}; it must be between 1 and {MostPixels:N0} pixels. Set it in that range."
                );
    }

    internal static DecodeLimits Default { get; } = new();

    /// <summary>Refuses a size above <see cref="Pixels"/>.</summary>
    /// <exception cref="ImageRejectedException">The size is too large.</exception>
    internal void Check(ImageFormat format, int width, int height)
    {
        if ((long)width * height > Pixels)
        {
            throw new ImageRejectedException(
                RejectionKind.TooLarge,
                $"The {format.Name()} is {width:N0} x {height:N0} pixels ({(long)width * height:N0}); it must have at most {Pixels:N0} pixels. "
                    + "Shrink it, or raise the pixel limit if memory allows."
            );
        }
    }
}
