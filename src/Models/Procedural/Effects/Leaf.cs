using System.Runtime.InteropServices;

namespace Pipeline.Models.Procedural.Effects;

/// <summary>A leaf, a blade of grass or a stem: a bent strip whose half width changes along its length.</summary>
/// <param name="X">Where it starts, pixels from the left.</param>
/// <param name="Y">Where it starts, pixels from the top.</param>
/// <param name="Angle">Where it points, radians from rightwards, clockwise as rows go down.</param>
/// <param name="Length">Pixels from start to tip.</param>
/// <param name="HalfWidth">Pixels from midrib to edge where it is widest.</param>
/// <param name="Bend">How far its middle lies aside, as a share of the length.</param>
/// <param name="Outline">Its shape.</param>
/// <param name="Colour">Its colour in the light.</param>
/// <param name="Softness">Pixels over which its edge fades.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Leaf(
    float X,
    float Y,
    float Angle,
    float Length,
    float HalfWidth,
    float Bend,
    LeafOutline Outline,
    Shade Colour,
    float Softness
)
{
    private float Soft => MathF.Max(Softness, 0.5f);

    /// <summary>Draws it over what is there.</summary>
    public void Draw(Canvas canvas)
    {
        if (Length <= 0)
        {
            return;
        }

        var (sin, cos) = MathF.SinCos(Angle);
        var margin = HalfWidth + MathF.Abs(Bend) * Length * 0.3f + Soft + 1;
        var fromX = Math.Max(0, (int)(MathF.Min(X, X + cos * Length) - margin));
        var toX = Math.Min(canvas.Width - 1, (int)(MathF.Max(X, X + cos * Length) + margin));
        var fromY = Math.Max(0, (int)(MathF.Min(Y, Y + sin * Length) - margin));
        var toY = Math.Min(canvas.Height - 1, (int)(MathF.Max(Y, Y + sin * Length) + margin));
        for (var y = fromY; y <= toY; y++)
        {
            for (var x = fromX; x <= toX; x++)
            {
                var dx = x + 0.5f - X;
                var dy = y + 0.5f - Y;
                Dab(canvas, y * canvas.Width + x, (dx * cos + dy * sin) / Length, dy * cos - dx * sin);
            }
        }
    }

    private void Dab(Canvas canvas, int index, float along, float across)
    {
        var end = Soft / Length;
        if (along < -end || along > 1 + end)
        {
            return;
        }

        var place = Math.Clamp(along, 0, 1);
        var aside = across - Bend * Length * place * (1 - place);
        var half = HalfWidth * Width(place);
        var distance = MathF.Abs(aside) - half;
        if (distance >= Soft)
        {
            return;
        }

        var alpha = Ramp.Smooth(Soft, -Soft, distance) * Ramp.Smooth(-end, 0, along) * Ramp.Smooth(1 + end, 1, along);
        // One half catches the light, the other turns from it; the midrib is pale.
        var side = aside / MathF.Max(half, 0.5f);
        var light = 1 + 0.16f * Math.Clamp(side, -1, 1) + 0.2f * (place - 0.5f);
        var rib = Outline == LeafOutline.Leaf ? 0.3f * Ramp.Smooth(0.16f, 0, MathF.Abs(side)) : 0;
        var shade = new Shade(
            Colour.Red * light + 0.5f * rib * Colour.Green,
            Colour.Green * (light + rib),
            Colour.Blue * light + 0.2f * rib * Colour.Green
        );
        canvas.Blend(index, shade, alpha);
    }

    private float Width(float place) =>
        Outline switch
        {
            LeafOutline.Leaf => MathF.Sin(MathF.PI * MathF.Sqrt(place) * (0.55f + 0.45f * place)),
            LeafOutline.Blade => MathF.Sqrt(1 - place),
            _ => 1 - 0.5f * place,
        };
}

/// <summary>How the half width of a <see cref="Leaf"/> changes along its length.</summary>
internal enum LeafOutline
{
    /// <summary>Widest in the first half, pointed at the tip.</summary>
    Leaf,

    /// <summary>Widest at the start.</summary>
    Blade,

    /// <summary>Nearly even.</summary>
    Stem,
}
