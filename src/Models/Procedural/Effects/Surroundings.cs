namespace Pipeline.Models.Procedural.Effects;

/// <summary>Colours what is behind the thing in the middle.</summary>
internal static class Surroundings
{
    private static readonly Shade Cloud = new(0.72f, 0.745f, 0.77f);

    /// <summary>A sky of the colour that the words name, lighter towards the horizon.</summary>
    public static void Sky(Scene scene) => Veil(scene.Canvas, new Regions(scene.Canvas).Sky(), scene.Paint, 0.85f, 0.18f, 0.5f);

    /// <summary>All that looks like the borders takes on the colour that the words name.</summary>
    public static void Background(Scene scene) =>
        Veil(scene.Canvas, new Regions(scene.Canvas).Surroundings(), scene.Paint, 0.82f, 0.04f, 0.6f);

    /// <summary>A sky of grey cloud, and flat light below it.</summary>
    public static void Overcast(Scene scene)
    {
        var canvas = scene.Canvas;
        var sky = new Regions(canvas).Sky();
        var clouds = ValueNoise.Field(canvas.Width, canvas.Height, 3, 7, 4, scene.Random.For("clouds"));
        for (var i = 0; i < sky.Length; i++)
        {
            var luma = canvas.Luma(i);
            canvas.Blend(i, new Shade(luma * 0.98f, luma, luma * 1.03f), 0.45f);
            canvas.Blend(i, new Shade(0.44f, 0.45f, 0.465f), 0.16f);
            canvas.Blend(i, Cloud * (0.78f + 0.5f * (clouds[i] - 0.1f)), sky[i] * 0.88f);
        }
    }

    private static void Veil(Canvas canvas, float[] mask, Shade colour, float share, float lift, float relief)
    {
        var mean = canvas.Mean().Luma;
        for (var y = 0; y < canvas.Height; y++)
        {
            var light = 1 + lift * ((y + 0.5f) / canvas.Height * 2 - 0.5f);
            for (var x = 0; x < canvas.Width; x++)
            {
                var i = y * canvas.Width + x;
                if (mask[i] > 0.004f)
                {
                    canvas.Blend(i, colour * (light + (canvas.Luma(i) - mean) * relief), mask[i] * share);
                }
            }
        }
    }
}
