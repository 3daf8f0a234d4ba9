namespace Pipeline.Models.Procedural;

/// <summary>Guesses from pixels which part of a picture is ground, sky or surroundings, so that the thing in the middle is left as it is.</summary>
/// <remarks>
/// There is no segmentation here. A pixel counts as the scene's by its place and by how close its colour is to that of the left and right borders of
/// its row, because the labelled thing seldom fills both. A thing of the ground's own colour is taken for ground.
/// </remarks>
internal sealed class Regions
{
    // A split weaker than this (mean step of the border colour, 0 to 1) is noise: then the horizon is taken where it is most often.
    private const float LeastStep = 0.07f;
    private const float UsualHorizon = 0.48f;

    // In deviations of the border's own colours: nearer than the first is scene, further than the second is the thing.
    private const float SceneDistance = 2.3f;
    private const float ThingDistance = 3.7f;

    private readonly Canvas smooth;
    private readonly BorderColours left;
    private readonly BorderColours right;
    private readonly float[] scene;

    public Regions(Canvas canvas)
    {
        smooth = canvas.Copy();
        PlaneBlur.Blur(smooth.Red, canvas.Width, canvas.Height, 0.9f * canvas.Unit, 1);
        PlaneBlur.Blur(smooth.Green, canvas.Width, canvas.Height, 0.9f * canvas.Unit, 1);
        PlaneBlur.Blur(smooth.Blue, canvas.Width, canvas.Height, 0.9f * canvas.Unit, 1);
        var columns = Math.Max(1, canvas.Width / 8);
        left = BorderColours.Of(smooth, 0, columns);
        right = BorderColours.Of(smooth, canvas.Width - columns, columns);
        Horizon = FindHorizon();
        scene = FindScene();
    }

    /// <summary>Where ground meets what is behind it: 0 (top) to 1 (bottom).</summary>
    public float Horizon { get; }

    /// <summary>Shares of <c>[height, width]</c>, 0 to 1: below the horizon and not the thing in the middle.</summary>
    public float[] Ground() => Mask(v => Ramp.Smooth(Horizon - 0.02f, Horizon + 0.1f, v));

    /// <summary>Shares of <c>[height, width]</c>, 0 to 1: above the horizon and not the thing in the middle.</summary>
    public float[] Sky() => Mask(v => 1 - Ramp.Smooth(Horizon - 0.16f, Horizon + 0.06f, v));

    /// <summary>Shares of <c>[height, width]</c>, 0 to 1: all but the thing in the middle.</summary>
    public float[] Surroundings() => Mask(_ => 1);

    private float[] Mask(Func<float, float> place)
    {
        var mask = (float[])scene.Clone();
        for (var y = 0; y < smooth.Height; y++)
        {
            var share = place((y + 0.5f) / smooth.Height);
            foreach (ref var value in mask.AsSpan(y * smooth.Width, smooth.Width))
            {
                value *= share;
            }
        }

        return mask;
    }

    private float[] FindScene()
    {
        int width = smooth.Width;
        int height = smooth.Height;
        var thing = new float[width * height];
        for (var y = 0; y < height; y++)
        {
            var v = ((y + 0.5f) / height - 0.55f) / 0.5f;
            for (var x = 0; x < width; x++)
            {
                var u = ((x + 0.5f) / width - 0.5f) / 0.46f;
                var middle = 1 - Ramp.Smooth(0.75f, 1.15f, MathF.Sqrt(u * u + v * v));
                if (middle > 0)
                {
                    var i = y * width + x;
                    var strange = MathF.Min(left.Strangeness(smooth, i, y), right.Strangeness(smooth, i, y));
                    thing[i] = middle * Ramp.Smooth(SceneDistance, ThingDistance, strange);
                }
            }
        }

        // Specks of texture sink below the first step; holes in a solid thing are closed.
        PlaneBlur.Blur(thing, width, height, 2.2f * smooth.Unit, 2);
        for (var i = 0; i < thing.Length; i++)
        {
            thing[i] = Ramp.Smooth(0.25f, 0.55f, thing[i]);
        }

        KeepLargest(thing, width);
        for (var i = 0; i < thing.Length; i++)
        {
            thing[i] = 1 - thing[i];
        }

        return thing;
    }

    /// <summary>Clears all but the connected part of the greatest sum; of equal ones the first from the top left stays.</summary>
    private static void KeepLargest(float[] thing, int width)
    {
        var part = new int[thing.Length];
        var waiting = new Stack<int>();
        var best = 0;
        var most = 0f;
        var parts = 0;
        for (var start = 0; start < thing.Length; start++)
        {
            if (thing[start] <= 0 || part[start] != 0)
            {
                continue;
            }

            parts++;
            var sum = Fill(thing, part, width, start, parts, waiting);
            if (sum > most)
            {
                most = sum;
                best = parts;
            }
        }

        for (var i = 0; i < thing.Length; i++)
        {
            thing[i] = part[i] == best ? thing[i] : 0;
        }
    }

    private static float Fill(float[] thing, int[] part, int width, int start, int number, Stack<int> waiting)
    {
        var sum = 0f;
        part[start] = number;
        waiting.Push(start);
        while (waiting.TryPop(out var i))
        {
            sum += thing[i];
            var column = i % width;
            Visit(i - width, i >= width);
            Visit(i + width, i + width < thing.Length);
            Visit(i - 1, column > 0);
            Visit(i + 1, column < width - 1);
        }

        return sum;

        void Visit(int next, bool inside)
        {
            if (inside && part[next] == 0 && thing[next] > 0)
            {
                part[next] = number;
                waiting.Push(next);
            }
        }
    }

    private float FindHorizon()
    {
        var window = Math.Max(1, smooth.Height / 10);
        var best = LeastStep;
        var horizon = UsualHorizon;
        for (var y = smooth.Height / 4; y < smooth.Height * 7 / 10; y++)
        {
            var step = 0.5f * (left.Step(y, window) + right.Step(y, window));
            if (step > best)
            {
                best = step;
                horizon = (float)y / smooth.Height;
            }
        }

        return horizon;
    }
}
