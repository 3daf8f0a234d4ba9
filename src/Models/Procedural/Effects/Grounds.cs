namespace Pipeline.Models.Procedural.Effects;

/// <summary>Changes what the lower part of the picture is made of.</summary>
internal static class Grounds
{
    private static readonly Shade Sand = new(0.80f, 0.67f, 0.47f);
    private static readonly Shade Grass = new(0.33f, 0.49f, 0.19f);
    private static readonly Shade Snow = new(0.90f, 0.93f, 0.97f);

    /// <summary>Sandy, dusty ground with grains and shallow ripples, finer towards the horizon.</summary>
    public static void Dry(Scene scene)
    {
        var regions = new Regions(scene.Canvas);
        var mask = regions.Ground();
        var drift = ValueNoise.Field(scene.Canvas.Width, scene.Canvas.Height, 5, 26, 3, scene.Random.For("drift"));
        var grain = ValueNoise.Field(scene.Canvas.Width, scene.Canvas.Height, 70, 110, 2, scene.Random.For("grain"));
        Cover(
            scene.Canvas,
            mask,
            Sand,
            0.93f,
            (i, v) =>
            {
                var near = Ramp.Smooth(regions.Horizon, 1, v);
                return 1.02f - 0.1f * near + (drift[i] - 0.5f) * 0.34f + (grain[i] - 0.5f) * (0.2f + 0.36f * near);
            },
            0.4f
        );
    }

    /// <summary>White ground that keeps some of what lies beneath in its shading.</summary>
    public static void Snowy(Scene scene) => Whiten(scene, 0.95f, 0);

    /// <summary>The same under falling snow: what is light above the ground is dusted too.</summary>
    public static void Snowed(Scene scene) => Whiten(scene, 0.9f, 0.3f);

    /// <summary>Grass: short blades of several greens, larger towards the camera.</summary>
    public static void Grassy(Scene scene)
    {
        var canvas = scene.Canvas;
        var mask = new Regions(canvas).Ground();
        var patches = ValueNoise.Field(canvas.Width, canvas.Height, 5, 14, 3, scene.Random.For("patches"));
        var blades = ValueNoise.Field(canvas.Width, canvas.Height, 95, 34, 2, scene.Random.For("blades"));
        Cover(canvas, mask, Grass, 0.92f, (i, _) => 0.98f + (patches[i] - 0.5f) * 0.5f + (blades[i] - 0.5f) * 0.95f, 0.4f);
    }

    /// <summary>Whitens the ground by <paramref name="share"/> and dusts what stands above it by <paramref name="dusting"/>.</summary>
    private static void Whiten(Scene scene, float share, float dusting)
    {
        var canvas = scene.Canvas;
        var mask = new Regions(canvas).Ground();
        var drift = ValueNoise.Field(canvas.Width, canvas.Height, 4, 10, 3, scene.Random.For("drift"));
        var crystals = ValueNoise.Field(canvas.Width, canvas.Height, 90, 110, 1, scene.Random.For("crystals"));
        if (dusting > 0)
        {
            Dust(canvas, mask, crystals, dusting);
        }

        Cover(canvas, mask, Snow, share, (i, _) => 0.98f + (drift[i] - 0.5f) * 0.26f + (crystals[i] - 0.5f) * 0.09f, 0.3f);
    }

    /// <summary>Ground of a colour that the words name, with its own light and shade.</summary>
    public static void Coloured(Scene scene)
    {
        var canvas = scene.Canvas;
        var mask = new Regions(canvas).Ground();
        var patches = ValueNoise.Field(canvas.Width, canvas.Height, 6, 16, 3, scene.Random.For("patches"));
        var blades = ValueNoise.Field(canvas.Width, canvas.Height, 80, 50, 2, scene.Random.For("blades"));
        Cover(canvas, mask, scene.Paint, 0.9f, (i, _) => 1 + (patches[i] - 0.5f) * 0.4f + (blades[i] - 0.5f) * 0.35f, 0.55f);
    }

    /// <summary>Lays <paramref name="colour"/> over the mask; <paramref name="relief"/> is how much of the old light and shade shows.</summary>
    private static void Cover(Canvas canvas, float[] mask, Shade colour, float share, Func<int, float, float> shading, float relief)
    {
        var mean = WeightedLuma(canvas, mask);
        for (var y = 0; y < canvas.Height; y++)
        {
            var v = (y + 0.5f) / canvas.Height;
            for (var x = 0; x < canvas.Width; x++)
            {
                var i = y * canvas.Width + x;
                if (mask[i] > 0.004f)
                {
                    var shade = shading(i, v) + Math.Clamp(canvas.Luma(i) - mean, -0.4f, 0.3f) * relief * 1.2f;
                    canvas.Blend(i, colour * shade, mask[i] * share);
                }
            }
        }
    }

    private static void Dust(Canvas canvas, float[] mask, float[] crystals, float share)
    {
        for (var i = 0; i < mask.Length; i++)
        {
            var light = Ramp.Smooth(0.25f, 0.75f, canvas.Luma(i) + (crystals[i] - 0.5f) * 0.7f);
            canvas.Blend(i, Snow, share * light * (1 - mask[i]));
        }
    }

    private static float WeightedLuma(Canvas canvas, float[] mask)
    {
        double sum = 0;
        double weight = 1e-6;
        for (var i = 0; i < mask.Length; i++)
        {
            sum += canvas.Luma(i) * mask[i];
            weight += mask[i];
        }

        return (float)(sum / weight);
    }
}
