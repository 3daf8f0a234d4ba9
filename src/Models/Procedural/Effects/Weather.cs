namespace Pipeline.Models.Procedural.Effects;

/// <summary>What weather does to air and light; what falls is drawn by <see cref="Falling"/>.</summary>
internal static class Weather
{
    private static readonly Shade FogAir = new(0.80f, 0.815f, 0.83f);
    private static readonly Shade RainAir = new(0.55f, 0.58f, 0.62f);
    private static readonly Shade SnowAir = new(0.88f, 0.90f, 0.93f);

    /// <summary>Light scattered by fog (Koschmieder's law): what is high in the picture counts as far; banks drift in the density.</summary>
    public static void Fog(Scene scene)
    {
        var canvas = scene.Canvas;
        // In the dark the air shines less, and what is near shows through it.
        var thickness = 0.35f + 0.65f * MathF.Min(scene.Light.Luma, 1);
        var soft = canvas.Copy();
        PlaneBlur.Blur(soft, 1.5f * canvas.Unit);
        var banks = ValueNoise.Field(canvas.Width, canvas.Height, 2.2f, 3.4f, 3, scene.Random.For("banks"));
        Haze(
            scene,
            FogAir,
            (i, v) =>
            {
                var depth = 0.74f + 0.78f * (1 - Ramp.Smooth(0.25f, 1, v));
                var through = MathF.Exp(-thickness * depth * (0.72f + 0.56f * banks[i]));
                // Much of what comes through thick fog has been scattered once and arrives blurred.
                canvas.Blend(i, new Shade(soft.Red[i], soft.Green[i], soft.Blue[i]), 1 - through);
                return through;
            }
        );
    }

    /// <summary>The light of a rainy day: darker, greyer, distant things veiled.</summary>
    public static void Rain(Scene scene)
    {
        new ToneCurve(value => 0.76f * MathF.Pow(value, 1.08f)).Apply(scene.Canvas);
        Exposures.Saturate(scene.Canvas, 0.62f);
        Haze(scene, RainAir, (_, v) => MathF.Exp(-0.14f - 0.5f * (1 - Ramp.Smooth(0.1f, 0.85f, v))));
    }

    /// <summary>The light of a snowy day: bright, cool, little colour, distant things veiled in white.</summary>
    public static void Snow(Scene scene)
    {
        Exposures.Saturate(scene.Canvas, 0.66f);
        new ToneCurve(value => MathF.Pow(value, 0.88f)).Apply(scene.Canvas);
        for (var i = 0; i < scene.Canvas.Red.Length; i++)
        {
            scene.Canvas.Red[i] *= 0.955f;
            scene.Canvas.Blue[i] *= 1.035f;
        }

        Haze(scene, SnowAir, (_, v) => MathF.Exp(-0.08f - 0.55f * (1 - Ramp.Smooth(0.05f, 0.8f, v))));
    }

    private static void Haze(Scene scene, Shade air, Func<int, float, float> through)
    {
        var canvas = scene.Canvas;
        var lit = air * scene.Light;
        for (var y = 0; y < canvas.Height; y++)
        {
            var v = (y + 0.5f) / canvas.Height;
            for (var x = 0; x < canvas.Width; x++)
            {
                var i = y * canvas.Width + x;
                canvas.Blend(i, lit, 1 - through(i, v));
            }
        }
    }
}
