namespace Pipeline.Models.Images;

/// <summary>Turns stored pixels upright (EXIF 2.3, orientation: which sides the 0th row and the 0th column are).</summary>
internal static class Upright
{
    /// <summary>The image turned; itself where it stands upright already.</summary>
    public static RgbImage Turn(RgbImage stored, int orientation)
    {
        if (orientation == 1)
        {
            return stored;
        }
        var (width, height) = orientation >= 5 ? (stored.Height, stored.Width) : (stored.Width, stored.Height);
        var pixels = GC.AllocateUninitializedArray<byte>(stored.Pixels.Length);
        Turn(stored.Pixels, stored.Width, stored.Height, orientation, pixels);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Writes the stored pixels, of <paramref name="width"/> × <paramref name="height"/>, turned into <paramref name="target"/>.</summary>
    public static void Turn(ReadOnlySpan<byte> stored, int width, int height, int orientation, Span<byte> target)
    {
        var (start, across, down) = Walk(width, height, orientation);
        var (columns, rows) = orientation >= 5 ? (height, width) : (width, height);
        var to = 0;
        for (var row = 0; row < rows; row++)
        {
            var from = (start + (row * down)) * 3;
            for (var column = 0; column < columns; column++)
            {
                (target[to], target[to + 1], target[to + 2]) = (stored[from], stored[from + 1], stored[from + 2]);
                (from, to) = (from + (across * 3), to + 3);
            }
        }
    }

    /// <summary>Where the upright image's first pixel is stored, and the steps in stored pixels to its right and lower neighbour.</summary>
    private static (int Start, int Across, int Down) Walk(int width, int height, int orientation)
    {
        var last = (width * height) - 1;
        return orientation switch
        {
            2 => (width - 1, -1, width),
            3 => (last, -1, -width),
            4 => (width * (height - 1), 1, -width),
            5 => (0, width, 1),
            6 => (width * (height - 1), -width, 1),
            7 => (last, -width, -1),
            8 => (width - 1, width, -1),
            _ => (0, 1, width),
        };
    }
}
