namespace Pipeline.Models.Images;

/// <summary>How a picture is brought to the size that a model wants.</summary>
public enum ResizeQuality
{
    /// <summary>
    /// JPEG is decoded at the smallest of 1, 2, 4 and 8 eighths that is large enough, then an antialiased triangle filter: the fastest, and 0.2 to 1.1 grey
    /// levels from <see cref="Bilinear"/> on average.
    /// </summary>
    Scaled,

    /// <summary>Decoded at full size, then Pillow's antialiased bilinear filter to the bit: what torchvision's <c>Resize</c> gives, and published weights saw.</summary>
    Bilinear,

    /// <summary>Decoded at full size, then Pillow's bicubic filter to the bit: sharper edges, with overshoot.</summary>
    Bicubic,
}
