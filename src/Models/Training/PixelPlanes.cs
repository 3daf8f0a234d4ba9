namespace Pipeline.Models.Training;

/// <summary>The operations of RandAugment on <c>[3, size, size] uint8</c> RGB planes, in place.</summary>
/// <remarks>
/// Arithmetic of torchvision 0.14 <c>transforms/functional_tensor.py</c> (BSD-3-Clause), written anew: nearest neighbour, black outside,
/// blends cut (not rounded) to whole grey levels.
/// </remarks>
internal static class PixelPlanes
{
    /// <summary>Mirrors left and right.</summary>
    public static void Flip(Span<byte> rgb, int size)
    {
        for (var row = 0; row < 3 * size; row++)
        {
            rgb.Slice(row * size, size).Reverse();
        }
    }

    /// <summary>Takes each pixel from where the map sends its centre, measured from the image's centre: x' = a·x + b·y + c, y' = d·x + e·y + f.</summary>
    public static void Warp(Span<byte> rgb, int size, double a, double b, double c, double d, double e, double f)
    {
        var source = rgb.ToArray();
        var area = size * size;
        var half = (size - 1) / 2.0;
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                var (x, y) = (column - half, row - half);
                var fromColumn = (int)Math.Round(a * x + b * y + c + half, MidpointRounding.ToEven);
                var fromRow = (int)Math.Round(d * x + e * y + f + half, MidpointRounding.ToEven);
                var inside = (uint)fromColumn < (uint)size && (uint)fromRow < (uint)size;
                var (target, from) = (row * size + column, fromRow * size + fromColumn);
                for (var plane = 0; plane < 3 * area; plane += area)
                {
                    rgb[plane + target] = inside ? source[plane + from] : (byte)0;
                }
            }
        }
    }

    /// <summary>Towards black (factor below 1) or away from it.</summary>
    public static void Brightness(Span<byte> rgb, double factor)
    {
        foreach (ref var value in rgb)
        {
            value = Blend(value, 0, factor);
        }
    }

    /// <summary>Towards the grey picture (factor below 1) or away from it.</summary>
    public static void Colour(Span<byte> rgb, double factor)
    {
        var area = rgb.Length / 3;
        for (var index = 0; index < area; index++)
        {
            var grey = Grey(rgb, index, area);
            for (var plane = 0; plane < 3; plane++)
            {
                rgb[plane * area + index] = Blend(rgb[plane * area + index], grey, factor);
            }
        }
    }

    /// <summary>Towards the mean grey (factor below 1) or away from it.</summary>
    public static void Contrast(Span<byte> rgb, double factor)
    {
        var area = rgb.Length / 3;
        var sum = 0L;
        for (var index = 0; index < area; index++)
        {
            sum += Grey(rgb, index, area);
        }

        var mean = (double)sum / area;
        foreach (ref var value in rgb)
        {
            value = Blend(value, mean, factor);
        }
    }

    /// <summary>Towards a 3×3 blur (factor below 1) or away from it; the outermost pixels stay.</summary>
    public static void Sharpness(Span<byte> rgb, int size, double factor)
    {
        var source = rgb.ToArray();
        for (var plane = 0; plane < 3; plane++)
        {
            for (var row = 1; row < size - 1; row++)
            {
                for (var column = 1; column < size - 1; column++)
                {
                    var place = (plane * size + row) * size + column;
                    var sum = 4 * source[place];
                    for (var near = place - size; near <= place + size; near += size)
                    {
                        sum += source[near - 1] + source[near] + source[near + 1];
                    }

                    rgb[place] = Blend(source[place], Math.Round(sum / 13.0, MidpointRounding.ToEven), factor);
                }
            }
        }
    }

    /// <summary>Keeps the <paramref name="bits"/> highest bits.</summary>
    public static void Posterize(Span<byte> rgb, int bits)
    {
        foreach (ref var value in rgb)
        {
            value = (byte)(value & -(1 << (8 - bits)));
        }
    }

    /// <summary>Turns values at or above the threshold into their negative.</summary>
    public static void Solarize(Span<byte> rgb, double threshold)
    {
        foreach (ref var value in rgb)
        {
            value = value >= threshold ? (byte)(255 - value) : value;
        }
    }

    /// <summary>Stretches each plane to 0 to 255; a plane of one value stays.</summary>
    public static void AutoContrast(Span<byte> rgb)
    {
        var area = rgb.Length / 3;
        for (var plane = 0; plane < 3; plane++)
        {
            var values = rgb.Slice(plane * area, area);
            var (low, high) = ((byte)255, (byte)0);
            foreach (var value in values)
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }

            var scale = low == high ? 1 : 255f / (high - low);
            foreach (ref var value in values)
            {
                value = low == high ? value : (byte)Math.Clamp((value - low) * scale, 0, 255);
            }
        }
    }

    /// <summary>Evens out each plane's histogram.</summary>
    public static void Equalize(Span<byte> rgb)
    {
        var area = rgb.Length / 3;
        Span<int> counts = stackalloc int[256];
        Span<byte> table = stackalloc byte[256];
        for (var plane = 0; plane < 3; plane++)
        {
            var values = rgb.Slice(plane * area, area);
            counts.Clear();
            foreach (var value in values)
            {
                counts[value]++;
            }

            var step = (area - counts[counts.LastIndexOfAnyExcept(0)]) / 255;
            if (step == 0)
            {
                continue;
            }

            var before = 0;
            for (var level = 0; level < 256; level++)
            {
                table[level] = level == 0 ? (byte)0 : (byte)Math.Min(255, (before + step / 2) / step);
                before += counts[level];
            }

            foreach (ref var value in values)
            {
                value = table[value];
            }
        }
    }

    private static byte Blend(byte value, double other, double factor) =>
        (byte)Math.Clamp((float)(factor * value) + (float)((1 - factor) * other), 0, 255);

    private static byte Grey(Span<byte> rgb, int index, int area) =>
        (byte)(0.2989f * rgb[index] + 0.587f * rgb[area + index] + 0.114f * rgb[2 * area + index]);
}
