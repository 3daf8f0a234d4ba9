namespace Pipeline.Models.Procedural.Effects;

/// <summary>Dusk and night.</summary>
internal static class Evening
{
    private static readonly Shade Zenith = new(0.26f, 0.25f, 0.46f);
    private static readonly Shade Glow = new(1.0f, 0.56f, 0.24f);
    private static readonly Shade Shadow = new(0.20f, 0.14f, 0.20f);
    private static readonly Shade Moonlight = new(0.55f, 0.72f, 1.12f);

    /// <summary>Sun at the horizon: an orange band that lies strongest on what is light, violet above, dark warm ground below.</summary>
    public static void Dusk(Scene scene)
    {
        var canvas = scene.Canvas;
        var regions = new Regions(canvas);
        var sky = regions.Sky();
        var sun = scene.Random.Between(0, 0.1f, 0.9f);
        new ToneCurve(value => 0.74f * MathF.Pow(value, 1.22f)).Apply(canvas);
        for (var y = 0; y < canvas.Height; y++)
        {
            var v = (y + 0.5f) / canvas.Height;
            var above = Math.Clamp((regions.Horizon - v) / MathF.Max(regions.Horizon, 0.2f), 0, 1);
            var below = Math.Clamp((v - regions.Horizon) / 0.5f, 0, 1);
            for (var x = 0; x < canvas.Width; x++)
            {
                var i = y * canvas.Width + x;
                var aside = ((x + 0.5f) / canvas.Width - sun) * 1.1f;
                var heat = MathF.Max(0, 1 - aside * aside) * (1 - Ramp.Smooth(0.05f, 0.95f, above)) * (1 - 0.7f * below);
                var luma = canvas.Luma(i);
                canvas.Red[i] *= 1.12f;
                canvas.Green[i] *= 0.86f;
                canvas.Blue[i] *= 0.74f;
                canvas.Blend(i, Shadow, 0.26f * below);
                var air = Mix(Zenith, Glow, heat);
                // In the sky the colour is the air's; on the ground it is light that falls on what is light already.
                canvas.Blend(i, air * (0.72f + 0.55f * luma), 0.74f * sky[i] * (0.4f + 0.6f * Ramp.Smooth(0.06f, 0.34f, luma)));
                canvas.Blend(i, Glow, heat * (0.1f + 0.45f * luma) * (1 - 0.7f * sky[i]));
            }
        }
    }

    /// <summary>Night by faint moonlight: dark, blue, little colour, darker corners, the noise of a sensor at its limit.</summary>
    public static void Night(Scene scene)
    {
        var canvas = scene.Canvas;
        var moon = scene.Random.Unit(0) < 0.5f ? 0.12f : 0.88f;
        // A bright and a dark source both end at night: the exposure follows the picture's mean.
        var level = 0.53f * MathF.Pow(0.45f / Math.Clamp(canvas.Mean().Luma, 0.12f, 0.9f), 0.55f);
        new ToneCurve(value => MathF.Min(level, 0.72f) * MathF.Pow(value, 1.22f)).Apply(canvas);
        for (var y = 0; y < canvas.Height; y++)
        {
            var v = (y + 0.5f) / canvas.Height;
            for (var x = 0; x < canvas.Width; x++)
            {
                var i = y * canvas.Width + x;
                var u = (x + 0.5f) / canvas.Width;
                var luma = canvas.Luma(i);
                canvas.Blend(i, new Shade(luma, luma, luma), 0.62f);
                var edge = (u - 0.5f) * (u - 0.5f) + (v - 0.5f) * (v - 0.5f);
                var far = (u - moon) * (u - moon) + v * v;
                var light = (1 - 0.9f * edge) * (0.82f + 0.5f * MathF.Exp(-3.2f * far));
                canvas.Red[i] *= Moonlight.Red * light;
                canvas.Green[i] *= Moonlight.Green * light;
                canvas.Blue[i] = canvas.Blue[i] * Moonlight.Blue * light + 0.018f;
            }
        }

        Camera.AddGrain(canvas, 0.014f, 0.012f, scene.Random.For("grain"));
    }

    private static Shade Mix(Shade from, Shade to, float share) =>
        new(
            from.Red + (to.Red - from.Red) * share,
            from.Green + (to.Green - from.Green) * share,
            from.Blue + (to.Blue - from.Blue) * share
        );
}
