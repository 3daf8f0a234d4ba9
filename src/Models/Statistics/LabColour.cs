using System.Runtime.InteropServices;

namespace Pipeline.Models.Statistics;

/// <summary>A colour of CIE L*a*b*, white point D65.</summary>
/// <param name="Lightness">L*: 0 (black) to 100 (white).</param>
/// <param name="GreenRed">a*: about -86 (green) to 98 (red).</param>
/// <param name="BlueYellow">b*: about -108 (blue) to 94 (yellow).</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LabColour(double Lightness, double GreenRed, double BlueYellow)
{
    private const int CurveSteps = 4096;

    // IEC 61966-2-1: from an sRGB byte to linear light.
    private static readonly float[] Linear =
    [
        .. Enumerable
            .Range(0, 256)
            .Select(value => (float)(value <= 10 ? value / 255.0 / 12.92 : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4))),
    ];

    // CIE 15: cube root with a straight start; tabled over 0 to 1.
    private static readonly float[] Curve =
    [
        .. Enumerable
            .Range(0, CurveSteps + 2)
            .Select(step => (double)step / CurveSteps)
            .Select(value => (float)(value > 216.0 / 24389 ? Math.Cbrt(value) : (24389.0 / 27 * value + 16) / 116)),
    ];

    /// <summary>Distance from the grey axis: 0 (grey) to about 130.</summary>
    public double Chroma => Math.Sqrt(GreenRed * GreenRed + BlueYellow * BlueYellow);

    /// <summary>From sRGB bytes; the error of the table is below 0.1.</summary>
    public static LabColour From(byte red, byte green, byte blue)
    {
        var r = Linear[red];
        var g = Linear[green];
        var b = Linear[blue];
        var x = At((0.4124564f * r + 0.3575761f * g + 0.1804375f * b) / 0.95047f);
        var y = At(0.2126729f * r + 0.7151522f * g + 0.0721750f * b);
        var z = At((0.0193339f * r + 0.1191920f * g + 0.9503041f * b) / 1.08883f);
        return new LabColour(116 * y - 16, 500 * (x - y), 200 * (y - z));
    }

    /// <summary>Square of CIE 1976 ΔE.</summary>
    public double SquaredDistance(LabColour other)
    {
        var lightness = Lightness - other.Lightness;
        var greenRed = GreenRed - other.GreenRed;
        var blueYellow = BlueYellow - other.BlueYellow;
        return lightness * lightness + greenRed * greenRed + blueYellow * blueYellow;
    }

    private static float At(float value)
    {
        var place = Math.Clamp(value, 0, 1) * CurveSteps;
        var low = (int)place;
        return Curve[low] + (Curve[low + 1] - Curve[low]) * (place - low);
    }
}
