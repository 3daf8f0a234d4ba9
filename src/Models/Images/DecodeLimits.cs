namespace Pipeline.Models.Images;

/// <summary>What an image may claim in its header before memory is given to it.</summary>
public sealed record DecodeLimits
{
    /// <summary>Above this an RGB image is larger than an array can be.</summary>
    public const long MostPixels = 700_000_000;

    /// <summary>Where counting the pages of a TIFF ends: their chain may lead back to its beginning.</summary>
    public const int MostFrames = 1_000_000;

    /// <summary>Above this a file is mostly metadata: the largest that is read at all is 1 GiB.</summary>
    public const int MostMetadataBytes = 1 << 30;

    private readonly long _pixels = 178_000_000;
    private readonly int _frames = 10_000;
    private readonly int _metadataBytes = 16 << 20;

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

    /// <summary>Frames of a GIF, WebP or animated PNG, or pages of a TIFF; 1 to <see cref="MostFrames"/>. The default is some minutes of animation: what is
    /// longer is a film or a book, for which its first frame does not stand.</summary>
    public int Frames
    {
        get => _frames;
        init =>
            _frames = value is >= 1 and <= MostFrames
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value),
                    $"The frame limit is {value:N0}; it must be between 1 and {MostFrames:N0} frames. Set it in that range."
                );
    }

    /// <summary>
    /// Bytes of EXIF, colour profile, XMP, comments and texts together, as stored; 0 to <see cref="MostMetadataBytes"/>. The default is the largest
    /// colour profile that a JPEG can hold.
    /// </summary>
    public int MetadataBytes
    {
        get => _metadataBytes;
        init =>
            _metadataBytes = value is >= 0 and <= MostMetadataBytes
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value),
                    $"The metadata limit is {value:N0}; it must be between 0 and {MostMetadataBytes:N0} bytes. Set it in that range."
                );
    }

    /// <summary>The limits as they come.</summary>
    public static DecodeLimits Default { get; } = new();

    /// <summary>Refuses what a header claims above a limit. Nothing of the image has been decoded yet.</summary>
    /// <exception cref="ImageRejectedException">There are too many pixels, frames or bytes of metadata; says which.</exception>
    public void Check(ImageHeader header)
    {
        Check(header.Format, header.Width, header.Height);
        if (header.Frames > Frames)
        {
            throw new ImageRejectedException(
                RejectionKind.TooManyFrames,
                $"The {header.Format.Name()} has {header.Frames:N0} frames or more; it must have at most {Frames:N0}. "
                    + "Cut it into images, or leave it out."
            );
        }
        if (header.MetadataBytes > MetadataBytes)
        {
            throw new ImageRejectedException(
                RejectionKind.TooMuchMetadata,
                $"The {header.Format.Name()} has {header.MetadataBytes:N0} bytes of metadata; it must have at most {MetadataBytes:N0} bytes. "
                    + "Strip its profile and texts, or leave it out."
            );
        }
    }

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
