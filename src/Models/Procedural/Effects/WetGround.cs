namespace Pipeline.Models.Procedural.Effects;

/// <summary>Dark ground that mirrors what is above it.</summary>
internal static class WetGround
{
    private static readonly Shade Sheen = new(0.80f, 0.86f, 0.94f);

    /// <summary>Full wet ground: puddles with a clear mirror, darker between them.</summary>
    public static void Paint(Scene scene) => Paint(scene, 1);

    /// <summary>The same, weaker: what rain leaves.</summary>
    public static void PaintRained(Scene scene) => Paint(scene, 0.6f);

    private static void Paint(Scene scene, float share)
    {
        var canvas = scene.Canvas;
        int width = canvas.Width;
        int height = canvas.Height;
        var regions = new Regions(canvas);
        var mask = regions.Ground();
        var mirror = Mirror(canvas, regions.Horizon, scene.Random);
        var puddles = ValueNoise.Field(width, height, 3, 12, 3, scene.Random.For("puddles"));
        for (var y = 0; y < height; y++)
        {
            var depth = Math.Clamp(((y + 0.5f) / height - regions.Horizon) / Math.Max(1 - regions.Horizon, 0.01f), 0, 1);
            // Mirrors are stronger at flat angles, that is towards the horizon (Fresnel).
            var grazing = 1 - 0.45f * depth;
            for (var x = 0; x < width; x++)
            {
                var i = y * width + x;
                if (mask[i] <= 0.004f)
                {
                    continue;
                }

                var wet = mask[i] * share;
                var puddle = Ramp.Smooth(0.42f, 0.56f, puddles[i]);
                var soak = 1 - wet * (0.52f - 0.1f * puddle);
                var luma = canvas.Luma(i);
                var ground = new Shade(
                    (canvas.Red[i] + (luma - canvas.Red[i]) * 0.2f) * soak * 0.97f,
                    (canvas.Green[i] + (luma - canvas.Green[i]) * 0.2f) * soak,
                    (canvas.Blue[i] + (luma - canvas.Blue[i]) * 0.2f) * soak * 1.05f
                );
                canvas.Blend(i, ground, wet);
                var reflection = new Shade(mirror.Red[i], mirror.Green[i], mirror.Blue[i]) * Sheen;
                canvas.Blend(i, reflection, wet * grazing * (0.14f + 0.66f * puddle));
                var glint = Ramp.Smooth(0.55f, 0.85f, reflection.Luma) * puddle * wet * 0.35f;
                canvas.Blend(i, new Shade(0.96f, 0.98f, 1), glint);
            }
        }
    }

    /// <summary>The part above the horizon upside down, rippled sideways and smeared downwards.</summary>
    private static Canvas Mirror(Canvas canvas, float horizon, CounterRandom random)
    {
        int width = canvas.Width;
        int height = canvas.Height;
        var mirror = canvas.Copy();
        var line = (int)(horizon * height);
        var reach = line / Math.Max((float)(height - line), 1);
        var ripples = ValueNoise.Field(width, height, 3, 45, 2, random.For("ripples"));
        for (var y = line; y < height; y++)
        {
            var from = Math.Clamp((int)(line - 1 - (y - line) * Math.Min(reach, 1)), 0, height - 1);
            for (var x = 0; x < width; x++)
            {
                var i = y * width + x;
                var shift = (ripples[i] - 0.5f) * 14 * canvas.Unit * ((float)(y - line) / height + 0.15f);
                var source = from * width + Math.Clamp((int)(x + shift), 0, width - 1);
                mirror.Red[i] = canvas.Red[source];
                mirror.Green[i] = canvas.Green[source];
                mirror.Blue[i] = canvas.Blue[source];
            }
        }

        var smear = 5 * canvas.Unit;
        PlaneBlur.Smear(mirror.Red, width, height, smear);
        PlaneBlur.Smear(mirror.Green, width, height, smear);
        PlaneBlur.Smear(mirror.Blue, width, height, smear);
        return mirror;
    }
}
