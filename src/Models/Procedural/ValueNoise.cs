namespace Pipeline.Models.Procedural;

/// <summary>Smooth random fields: uniform draws on a lattice, joined by cubic steps, octaves of half the height and twice the frequency.</summary>
internal static class ValueNoise
{
    /// <summary>Gives <c>[height, width] float32</c>, 0 to 1, mean near 0.5.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="across">Cells of the first octave from left to right; the picture's size does not change how it looks.</param>
    /// <param name="down">Cells of the first octave from top to bottom.</param>
    /// <param name="octaves">Octaves; those finer than a pixel are left out.</param>
    /// <param name="random">Where the lattice's values come from.</param>
    public static float[] Field(int width, int height, float across, float down, int octaves, CounterRandom random)
    {
        var field = new float[width * height];
        var weight = 0.5f;
        var total = 0f;
        for (var octave = 0; octave < octaves; octave++)
        {
            if (octave > 0 && across > width && down > height)
            {
                break;
            }

            AddOctave(field, width, height, across, down, weight, random.For("octave " + (char)('0' + octave)));
            total += weight;
            weight *= 0.5f;
            across *= 2;
            down *= 2;
        }

        for (var i = 0; i < field.Length; i++)
        {
            field[i] /= total;
        }

        return field;
    }

    private static void AddOctave(float[] field, int width, int height, float across, float down, float weight, CounterRandom random)
    {
        var columns = (int)across + 2;
        var low = new float[columns];
        var high = new float[columns];
        var lattice = -1;
        for (var y = 0; y < height; y++)
        {
            var v = (y + 0.5f) / height * down;
            var cell = (int)v;
            if (cell != lattice)
            {
                Draw(low, cell, random);
                Draw(high, cell + 1, random);
                lattice = cell;
            }

            var vertical = Ramp.Smooth(0, 1, v - cell);
            for (var x = 0; x < width; x++)
            {
                var u = (x + 0.5f) / width * across;
                var column = (int)u;
                var part = u - column;
                var horizontal = part * part * (3 - 2 * part);
                var left = low[column] + (high[column] - low[column]) * vertical;
                var right = low[column + 1] + (high[column + 1] - low[column + 1]) * vertical;
                field[y * width + x] += weight * (left + (right - left) * horizontal);
            }
        }
    }

    private static void Draw(float[] row, int cell, CounterRandom random)
    {
        for (var column = 0; column < row.Length; column++)
        {
            row[column] = random.Unit(((ulong)cell << 32) | (uint)column);
        }
    }
}
