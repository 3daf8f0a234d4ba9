namespace Pipeline.Models.Procedural.Effects;

/// <summary>Twigs with leaves from the corners and blades of grass from the lower edge, between the camera and the thing in the middle.</summary>
internal static class Foliage
{
    private const int Twigs = 7;
    private const int LeavesPerTwig = 9;
    private const int Blades = 58;

    // Greens of leaves in sun and in shade, and one that has turned.
    private static readonly Shade[] Greens =
    [
        new(0.20f, 0.40f, 0.12f),
        new(0.30f, 0.50f, 0.16f),
        new(0.14f, 0.31f, 0.13f),
        new(0.42f, 0.56f, 0.20f),
        new(0.24f, 0.44f, 0.22f),
        new(0.52f, 0.52f, 0.20f),
    ];

    private static readonly Shade Bark = new(0.25f, 0.20f, 0.12f);

    /// <summary>Draws more of it, and larger, the stronger the effect; where it grows depends on the draws alone.</summary>
    public static void Paint(Scene scene)
    {
        var light = scene.Canvas.Mean();
        var lit = new Shade(Level(light.Red), Level(light.Green), Level(light.Blue));
        PaintGrass(scene, lit);
        PaintTwigs(scene, lit);
    }

    /// <summary>Leaves are lit as the scene is, but keep enough of their own green to be seen.</summary>
    private static float Level(float mean) => Math.Clamp(0.15f + 1.55f * mean, 0.15f, 1.12f);

    private static void PaintGrass(Scene scene, Shade lit)
    {
        var canvas = scene.Canvas;
        var random = scene.Random.For("grass");
        // Two tufts and a thin scatter between them.
        var first = random.Between(0, 0.02f, 0.4f);
        var second = random.Between(1, 0.6f, 0.98f);
        var count = (int)MathF.Ceiling(Blades * scene.Strength);
        for (var blade = 0; blade < count; blade++)
        {
            var draw = (ulong)blade * 6 + 2;
            var kind = random.Unit(draw);
            var spread = random.Between(draw + 1, -1, 1);
            var u = kind switch
            {
                < 0.4f => first + 0.2f * spread * MathF.Abs(spread),
                < 0.8f => second + 0.2f * spread * MathF.Abs(spread),
                _ => 0.5f + 0.55f * spread,
            };
            var tall =
                (kind < 0.8f ? random.Between(draw + 2, 24, 62) : random.Between(draw + 2, 10, 26)) * Grown(scene.Strength) * canvas.Unit;
            var lean = random.Between(draw + 3, -0.5f, 0.5f) + 0.25f * spread;
            new Leaf(
                u * canvas.Width,
                canvas.Height + 2 * canvas.Unit,
                -MathF.PI / 2 + lean,
                tall,
                random.Between(draw + 4, 0.9f, 2.1f) * canvas.Unit,
                0.6f * lean,
                LeafOutline.Blade,
                Green(random, draw + 5) * lit,
                (kind < 0.2f ? 1.5f : 0.6f) * canvas.Unit
            ).Draw(canvas);
        }
    }

    private static void PaintTwigs(Scene scene, Shade lit)
    {
        var canvas = scene.Canvas;
        var random = scene.Random.For("twigs");
        // The first corner is drawn freely, the next lies across it.
        var corner = (int)(random.Unit(0) * 4);
        var count = (int)MathF.Ceiling(Twigs * scene.Strength);
        for (var twig = 0; twig < count; twig++)
        {
            var draw = (ulong)(twig * (LeavesPerTwig * 5 + 8) + 1);
            var at = twig switch
            {
                < 3 => corner,
                < 5 => (corner + 2) % 4,
                _ => (corner + 1) % 4,
            };
            PaintTwig(scene, random, draw, at, lit);
        }
    }

    private static void PaintTwig(Scene scene, CounterRandom random, ulong draw, int corner, Shade lit)
    {
        var canvas = scene.Canvas;
        var right = corner is 1 or 2;
        var low = corner is 2 or 3;
        var alongSide = random.Unit(draw) < 0.5f;
        var slide = random.Between(draw + 1, 0, 0.3f);
        var u = alongSide ? -0.02f : slide;
        var v = alongSide ? slide : -0.02f;
        var x = (right ? 1 - u : u) * canvas.Width;
        var y = (low ? 1 - v : v) * canvas.Height;
        var inward = MathF.Atan2(low ? -1 : 1, right ? -1 : 1);
        // Along a side the twig hangs inwards and along it, so that the middle stays free.
        var angle = inward + random.Between(draw + 2, -0.65f, 0.65f);
        var length = random.Between(draw + 3, 34, 56) * Grown(scene.Strength) * canvas.Unit;
        var near = random.Unit(draw + 4);
        var softness = (0.45f + 1.5f * near * near) * canvas.Unit;
        new Leaf(x, y, angle, length, 0.9f * canvas.Unit, 0, LeafOutline.Stem, Bark * lit, softness).Draw(canvas);
        var (sin, cos) = MathF.SinCos(angle);
        for (var leaf = 0; leaf < LeavesPerTwig; leaf++)
        {
            var next = draw + 8 + (ulong)leaf * 5;
            var place = (leaf + 0.6f) / LeavesPerTwig;
            var last = leaf == LeavesPerTwig - 1;
            var turn = last ? 0 : (leaf % 2 == 0 ? 1 : -1) * random.Between(next, 0.55f, 1.15f);
            var reach =
                random.Between(next + 1, 14, 23) * (1.1f - 0.4f * place) * (0.8f + 0.5f * near) * Grown(scene.Strength) * canvas.Unit;
            new Leaf(
                x + cos * length * place,
                y + sin * length * place,
                angle + turn,
                reach,
                reach * random.Between(next + 2, 0.2f, 0.3f),
                random.Between(next + 3, -0.35f, 0.35f),
                LeafOutline.Leaf,
                Green(random, next + 4) * lit,
                softness
            ).Draw(canvas);
        }
    }

    private static float Grown(float strength) => 0.6f + 0.4f * strength;

    private static Shade Green(CounterRandom random, ulong draw)
    {
        var bits = random.Unit(draw) * Greens.Length;
        var whole = Math.Min((int)bits, Greens.Length - 1);
        return Greens[whole] * (0.82f + 0.36f * (bits - whole));
    }
}
