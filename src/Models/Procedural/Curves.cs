namespace Pipeline.Models.Procedural;

/// <summary>A tone curve over 0 to 1, tabled once so that a power costs a look-up a pixel.</summary>
internal sealed class ToneCurve
{
    private const int Steps = 1024;
    private readonly float[] table = new float[Steps + 2];

    public ToneCurve(Func<float, float> curve)
    {
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = curve(Math.Min((float)i / Steps, 1));
        }
    }

    /// <summary>The curve of a change of exposure by <paramref name="factor"/> in linear light, with a display gamma of 2.2.</summary>
    public static ToneCurve Exposure(float factor) => new(value => MathF.Pow(factor, 1 / 2.2f) * value);

    /// <summary>The curve's value; inputs past either end are taken as the end.</summary>
    public float At(float value)
    {
        var place = Math.Clamp(value, 0, 1) * Steps;
        var low = (int)place;
        return table[low] + (table[low + 1] - table[low]) * (place - low);
    }

    public void Apply(float[] plane)
    {
        for (var i = 0; i < plane.Length; i++)
        {
            plane[i] = At(plane[i]);
        }
    }

    public void Apply(Canvas canvas)
    {
        Apply(canvas.Red);
        Apply(canvas.Green);
        Apply(canvas.Blue);
    }
}

/// <summary>Smooth steps between two edges.</summary>
internal static class Ramp
{
    /// <summary>0 up to <paramref name="from"/>, 1 from <paramref name="to"/>, cubic between; falls where <paramref name="from"/> is the larger.</summary>
    public static float Smooth(float from, float to, float value)
    {
        var t = Math.Clamp((value - from) / (to - from), 0, 1);
        return t * t * (3 - 2 * t);
    }
}
