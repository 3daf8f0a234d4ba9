namespace Pipeline.Models.Procedural.Effects;

/// <summary>More light, less light, or the ordinary amount.</summary>
internal static class Exposures
{
    private const int Bins = 256;

    /// <summary>A clear, sunny picture: brighter, warmer in the lights, more colour; nothing is lost at either end.</summary>
    public static void Bright(Scene scene)
    {
        var canvas = scene.Canvas;
        new ToneCurve(value => 1 - MathF.Pow(1 - MathF.Pow(value, 0.86f), 1.55f)).Apply(canvas);
        Saturate(canvas, 1.12f);
        for (var i = 0; i < canvas.Red.Length; i++)
        {
            var light = Ramp.Smooth(0.35f, 0.9f, canvas.Luma(i));
            canvas.Red[i] *= 1 + 0.03f * light;
            canvas.Blue[i] *= 1 - 0.06f * light;
        }
    }

    /// <summary>Little light: about a stop and a half less, with quieter colours.</summary>
    public static void Dim(Scene scene)
    {
        new ToneCurve(value => 0.56f * MathF.Pow(value, 1.12f)).Apply(scene.Canvas);
        Saturate(scene.Canvas, 0.85f);
    }

    /// <summary>Two stops too many: lights burn out to white and bleed into their surroundings.</summary>
    public static void Over(Scene scene)
    {
        var canvas = scene.Canvas;
        var bloom = canvas.Copy();
        new ToneCurve(value => MathF.Max(0, value * 1.9f - 0.75f)).Apply(bloom);
        PlaneBlur.Blur(bloom, 5 * canvas.Unit);
        new ToneCurve(value => value < 0.5f ? 1.72f * value : MathF.Min(1.02f, 0.86f + (value - 0.5f) * 0.8f)).Apply(canvas);
        for (var i = 0; i < canvas.Red.Length; i++)
        {
            canvas.Red[i] += bloom.Red[i] * 0.6f + 0.03f;
            canvas.Green[i] += bloom.Green[i] * 0.6f + 0.03f;
            canvas.Blue[i] += bloom.Blue[i] * 0.6f + 0.03f;
        }
    }

    /// <summary>Two and a half stops too few: shadows sink to black, with a little grain.</summary>
    public static void Under(Scene scene)
    {
        new ToneCurve(value => MathF.Max(0, 0.44f * MathF.Pow(value, 1.3f) - 0.012f)).Apply(scene.Canvas);
        Camera.AddGrain(scene.Canvas, 0.010f, 0.006f, scene.Random.For("grain"));
    }

    /// <summary>Ordinary exposure: the picture's own lights and darks are stretched to the full range and its middle brought to the middle.</summary>
    public static void Daylight(Scene scene)
    {
        var canvas = scene.Canvas;
        var (dark, middle, light) = Percentiles(canvas);
        // A nearly even picture has no range to stretch; at most threefold.
        var range = MathF.Max(light - dark, 0.4f);
        var start = MathF.Max(0, light - range);
        var level = Math.Clamp((middle - start) / range, 0.05f, 0.95f);
        var gamma = Math.Clamp(MathF.Log(0.48f) / MathF.Log(level), 0.6f, 1.12f);
        new ToneCurve(value => MathF.Pow(Math.Clamp((value - start) / range, 0, 1), gamma) * 0.94f + 0.03f).Apply(canvas);
        Saturate(canvas, 1.04f);
    }

    /// <summary>Colours away from (above 1) or towards (below 1) their grey.</summary>
    public static void Saturate(Canvas canvas, float factor)
    {
        for (var i = 0; i < canvas.Red.Length; i++)
        {
            var luma = canvas.Luma(i);
            canvas.Red[i] = luma + (canvas.Red[i] - luma) * factor;
            canvas.Green[i] = luma + (canvas.Green[i] - luma) * factor;
            canvas.Blue[i] = luma + (canvas.Blue[i] - luma) * factor;
        }
    }

    private static (float Dark, float Middle, float Light) Percentiles(Canvas canvas)
    {
        var counts = new int[Bins];
        for (var i = 0; i < canvas.Red.Length; i++)
        {
            counts[(int)(Math.Clamp(canvas.Luma(i), 0, 1) * (Bins - 1))]++;
        }

        return (Percentile(counts, 0.02f), Percentile(counts, 0.5f), Percentile(counts, 0.98f));
    }

    private static float Percentile(int[] counts, float share)
    {
        var wanted = counts.Sum() * share;
        var seen = 0;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            seen += counts[bin];
            if (seen >= wanted)
            {
                return (float)bin / (Bins - 1);
            }
        }

        return 1;
    }
}
