namespace Pipeline.Models.Procedural.Effects;

/// <summary>What a camera does to a picture last: focus, noise, tone. Each reads <see cref="Scene.Strength"/> itself.</summary>
internal static class Camera
{
    /// <summary>Out of focus: near-Gaussian, deviation up to 2.6 of 160 pixels.</summary>
    public static void Blur(Scene scene) => PlaneBlur.Blur(scene.Canvas, 2.6f * scene.Strength * scene.Canvas.Unit);

    /// <summary>Sensor noise of a high gain: luma deviation up to 0.07, colour up to 0.04, least in the darks.</summary>
    public static void Noise(Scene scene) =>
        AddGrain(scene.Canvas, 0.08f * scene.Strength, 0.045f * scene.Strength, scene.Random.For("grain"));

    /// <summary>Flat: everything within two fifths of the range, the middle a little lighter.</summary>
    public static void LowContrast(Scene scene)
    {
        var canvas = scene.Canvas;
        var mean = 0.75f * canvas.Mean().Luma + 0.25f * 0.55f;
        var share = 0.6f * scene.Strength;
        for (var i = 0; i < canvas.Red.Length; i++)
        {
            canvas.Blend(i, new Shade(mean, mean, mean), share);
        }
    }

    /// <summary>Hard: an S-shaped curve about the middle of the range.</summary>
    public static void HighContrast(Scene scene)
    {
        var share = scene.Strength;
        new ToneCurve(value =>
        {
            var steep = 1 / (1 + MathF.Exp(-9 * (value - 0.47f)));
            return value + share * (steep - value);
        }).Apply(scene.Canvas);
    }

    /// <summary>Adds noise whose grains are one pixel up to an edge of 240 and grow with the picture beyond it.</summary>
    public static void AddGrain(Canvas canvas, float luma, float colour, CounterRandom random)
    {
        var grain = Math.Max(1, (int)MathF.Round(canvas.Unit));
        for (var y = 0; y < canvas.Height; y++)
        {
            for (var x = 0; x < canvas.Width; x++)
            {
                var i = y * canvas.Width + x;
                var draw = (((ulong)(y / grain) << 32) | (uint)(x / grain)) * 3;
                var light = Math.Clamp(canvas.Luma(i), 0, 1);
                var level = 0.2f + 1.3f * MathF.Sqrt(light) - 0.6f * light;
                var grey = random.Normal(draw) * luma;
                var red = random.Normal(draw + 1) * colour;
                var blue = random.Normal(draw + 2) * colour;
                canvas.Red[i] += (grey + red) * level;
                canvas.Green[i] += (grey - 0.25f * (red + blue)) * level;
                canvas.Blue[i] += (grey + blue) * level;
            }
        }
    }
}
