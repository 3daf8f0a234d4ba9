namespace Pipeline.Models.Procedural.Effects;

/// <summary>Tints the whole picture.</summary>
internal static class Casts
{
    /// <summary>Lamp light: more red, less blue.</summary>
    public static void Warm(Scene scene) => Filter(scene.Canvas, new Shade(1.16f, 0.98f, 0.68f));

    /// <summary>Shade under a blue sky: less red, more blue.</summary>
    public static void Cool(Scene scene) => Filter(scene.Canvas, new Shade(0.74f, 0.97f, 1.2f));

    /// <summary>A cast of the colour that the words name; the picture keeps its light and dark.</summary>
    public static void Coloured(Scene scene)
    {
        var canvas = scene.Canvas;
        var paint = scene.Paint;
        var level = MathF.Max(paint.Luma, 0.08f);
        var filter = new Shade(paint.Red / level, paint.Green / level, paint.Blue / level);
        for (var i = 0; i < canvas.Red.Length; i++)
        {
            var luma = canvas.Luma(i);
            // Lights stay lighter than a strong filter would let them.
            canvas.Blend(i, filter * (luma * (1 - 0.25f * luma)), 0.5f);
            canvas.Blend(i, paint, 0.1f);
        }
    }

    /// <summary>No colour at all.</summary>
    public static void Monochrome(Scene scene)
    {
        Exposures.Saturate(scene.Canvas, 0);
        new ToneCurve(value => value + 0.06f * MathF.Sin((value - 0.5f) * 2 * MathF.PI)).Apply(scene.Canvas);
    }

    /// <summary>Multiplies the channels, then restores the mean luma.</summary>
    private static void Filter(Canvas canvas, Shade filter)
    {
        var before = canvas.Mean().Luma;
        for (var i = 0; i < canvas.Red.Length; i++)
        {
            canvas.Red[i] *= filter.Red;
            canvas.Green[i] *= filter.Green;
            canvas.Blue[i] *= filter.Blue;
        }

        var after = canvas.Mean().Luma;
        var level = after > 0 ? before / after : 1;
        for (var i = 0; i < canvas.Red.Length; i++)
        {
            canvas.Red[i] *= level;
            canvas.Green[i] *= level;
            canvas.Blue[i] *= level;
        }
    }
}
