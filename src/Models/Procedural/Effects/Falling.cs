using System.Runtime.InteropServices;

namespace Pipeline.Models.Procedural.Effects;

/// <summary>Flakes and drops in the air. A stronger effect has more of them, not darker ones; the first ones stay where they are.</summary>
internal static class Falling
{
    // Lengths are for a picture of 160 × 160.
    private static readonly Layer[] FlakeLayers = [new(260, 0.55f, 0.85f, 0.8f), new(100, 0.95f, 1.4f, 0.9f), new(22, 1.9f, 3.0f, 0.7f)];
    private static readonly Layer[] DropLayers = [new(230, 5, 10, 0.26f), new(120, 11, 19, 0.34f), new(26, 22, 36, 0.38f)];

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Layer(int Count, float Least, float Most, float Opacity);

    /// <summary>Flakes of three distances, the near ones large and out of focus, drifting with one wind.</summary>
    public static void Flakes(Scene scene)
    {
        var canvas = scene.Canvas;
        var white = Lit(scene, new Shade(0.97f, 0.98f, 1));
        var wind = scene.Random.Between(0, -0.45f, 0.45f);
        for (var level = 0; level < FlakeLayers.Length; level++)
        {
            var layer = FlakeLayers[level];
            var random = scene.Random.For("flakes " + (char)('0' + level));
            var count = Count(layer, scene.Strength);
            for (var flake = 0; flake < count; flake++)
            {
                var draw = (ulong)flake * 4;
                var radius = random.Between(draw, layer.Least, layer.Most) * canvas.Unit;
                var x = random.Unit(draw + 1) * canvas.Width;
                var y = random.Unit(draw + 2) * canvas.Height;
                var opacity = layer.Opacity * random.Between(draw + 3, 0.7f, 1);
                Streak(canvas, x, y, wind * radius, radius, radius, opacity, white);
            }
        }
    }

    /// <summary>Slanted streaks of three distances, and the small crowns where drops meet the ground.</summary>
    public static void Drops(Scene scene)
    {
        var canvas = scene.Canvas;
        var glint = Lit(scene, new Shade(0.86f, 0.89f, 0.93f));
        var slant = scene.Random.Between(0, 0.1f, 0.28f) * (scene.Random.Unit(1) < 0.5f ? -1 : 1);
        for (var level = 0; level < DropLayers.Length; level++)
        {
            var layer = DropLayers[level];
            var random = scene.Random.For("drops " + (char)('0' + level));
            var count = Count(layer, scene.Strength);
            for (var drop = 0; drop < count; drop++)
            {
                var draw = (ulong)drop * 4;
                var length = random.Between(draw, layer.Least, layer.Most) * canvas.Unit;
                var x = random.Between(draw + 1, -0.1f, 1.1f) * canvas.Width;
                var y = random.Between(draw + 2, -0.1f, 1.05f) * canvas.Height;
                var opacity = layer.Opacity * random.Between(draw + 3, 0.55f, 1);
                Streak(canvas, x, y, slant * length, length, (0.42f + 0.14f * level) * canvas.Unit, opacity, glint);
            }
        }

        Splashes(canvas, scene, glint);
    }

    private static void Splashes(Canvas canvas, Scene scene, Shade glint)
    {
        var random = scene.Random.For("splashes");
        var count = Count(new Layer(46, 0, 0, 0), scene.Strength);
        for (var splash = 0; splash < count; splash++)
        {
            var draw = (ulong)splash * 3;
            var near = random.Unit(draw + 1);
            var x = random.Unit(draw) * canvas.Width;
            var y = (0.62f + 0.38f * near) * canvas.Height;
            var reach = (0.9f + 1.9f * near) * canvas.Unit;
            Streak(canvas, x - reach, y, 2 * reach, 0.12f * reach, 0.45f * canvas.Unit, 0.34f, glint);
        }
    }

    /// <summary>Draws a soft line from a point along a step; its width is twice the radius, and one thinner than a pixel is fainter instead.</summary>
    private static void Streak(Canvas canvas, float x, float y, float stepX, float stepY, float radius, float opacity, Shade colour)
    {
        var drawn = MathF.Max(radius, 0.5f);
        var alpha = opacity * MathF.Min(1, radius / 0.5f);
        var soft = drawn + 0.6f * MathF.Max(1, drawn * 0.5f);
        var squared = stepX * stepX + stepY * stepY;
        var fromX = Math.Max(0, (int)(MathF.Min(x, x + stepX) - soft));
        var toX = Math.Min(canvas.Width - 1, (int)(MathF.Max(x, x + stepX) + soft + 1));
        var fromY = Math.Max(0, (int)(MathF.Min(y, y + stepY) - soft));
        var toY = Math.Min(canvas.Height - 1, (int)(MathF.Max(y, y + stepY) + soft + 1));
        for (var row = fromY; row <= toY; row++)
        {
            for (var column = fromX; column <= toX; column++)
            {
                var dx = column + 0.5f - x;
                var dy = row + 0.5f - y;
                var along = squared > 0 ? Math.Clamp((dx * stepX + dy * stepY) / squared, 0, 1) : 0;
                var offX = dx - along * stepX;
                var offY = dy - along * stepY;
                var distance = MathF.Sqrt(offX * offX + offY * offY);
                if (distance < soft)
                {
                    canvas.Blend(row * canvas.Width + column, colour, alpha * Ramp.Smooth(soft, drawn * 0.35f, distance));
                }
            }
        }
    }

    private static int Count(Layer layer, float strength) => (int)MathF.Ceiling(layer.Count * strength);

    /// <summary>What is added is lit as the picture is: white by day, grey-blue at night.</summary>
    private static Shade Lit(Scene scene, Shade colour)
    {
        var mean = scene.Canvas.Mean().Luma;
        var level = Math.Clamp(0.34f + 1.5f * mean, 0, 1);
        return colour
            * new Shade(
                level * MathF.Pow(scene.Light.Red / MathF.Max(scene.Light.Luma, 0.01f), 0.4f),
                level * MathF.Pow(scene.Light.Green / MathF.Max(scene.Light.Luma, 0.01f), 0.4f),
                level * MathF.Pow(scene.Light.Blue / MathF.Max(scene.Light.Luma, 0.01f), 0.4f)
            );
    }
}
