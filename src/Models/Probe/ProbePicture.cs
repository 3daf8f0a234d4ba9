using Pipeline.Models.Images;

namespace Pipeline.Models.Probe;

/// <summary>The picture on which a model is tried: a red house with a door and a window under a blue sky, on a meadow, in the sun. Drawn here, so nobody else's.</summary>
public static class ProbePicture
{
    /// <summary>Pixels of its sides.</summary>
    public const int Side = 384;

    private static readonly (byte R, byte G, byte B) Sky = (135, 190, 235);
    private static readonly (byte R, byte G, byte B) Sun = (255, 214, 64);
    private static readonly (byte R, byte G, byte B) Meadow = (92, 160, 72);
    private static readonly (byte R, byte G, byte B) Wall = (196, 64, 52);
    private static readonly (byte R, byte G, byte B) Roof = (96, 58, 46);
    private static readonly (byte R, byte G, byte B) Door = (82, 50, 28);
    private static readonly (byte R, byte G, byte B) Pane = (240, 236, 200);

    /// <summary>The picture as a JPEG; the same bytes every time.</summary>
    public static byte[] Encode() => JpegEncoder.Encode(Draw());

    /// <summary>The picture.</summary>
    public static RgbImage Draw()
    {
        var pixels = new byte[Side * Side * 3];
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                (pixels[((y * Side) + x) * 3], pixels[(((y * Side) + x) * 3) + 1], pixels[(((y * Side) + x) * 3) + 2]) = At(x, y);
            }
        }

        return new RgbImage(Side, Side, pixels);
    }

    private static (byte R, byte G, byte B) At(int x, int y) =>
        In(x, y, 176, 248, 216, 320) ? Door
        : In(x, y, 128, 216, 160, 248) || In(x, y, 232, 216, 264, 248) ? Pane
        : In(x, y, 104, 184, 288, 320) ? Wall
        : y is >= 104 and < 184 && Math.Abs(x - 196) <= (y - 104) * 116 / 80 ? Roof
        : y >= 272 ? Meadow
        : Square(x - 320) + Square(y - 64) < Square(36) ? Sun
        : Sky;

    private static bool In(int x, int y, int left, int top, int right, int bottom) => x >= left && x < right && y >= top && y < bottom;

    private static int Square(int value) => value * value;
}
