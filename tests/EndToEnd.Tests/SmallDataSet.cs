using Pipeline.Models.Images;

namespace Pipeline.EndToEnd.Tests;

/// <summary>A folder of small pictures: two classes told apart by colour, with splits.</summary>
internal static class SmallDataSet
{
    public static string Write(string folder, int training = 12, int held = 4)
    {
        // No picture is in two splits: ingest would set it aside.
        foreach (var (split, first, count) in new[] { ("train", 0, training), ("val", training, held), ("test", training + held, held) })
        {
            foreach (var (name, red) in new[] { ("red", true), ("blue", false) })
            {
                var target = Directory.CreateDirectory(Path.Combine(folder, split, name)).FullName;
                for (var index = 0; index < count; index++)
                {
                    File.WriteAllBytes(Path.Combine(target, $"{index:D4}.jpg"), JpegEncoder.Encode(Picture(first + index, red), 95));
                }
            }
        }

        return folder;
    }

    private static RgbImage Picture(int index, bool red)
    {
        const int Side = 40;
        var pixels = new byte[Side * Side * 3];
        for (var at = 0; at < Side * Side; at++)
        {
            var inside = Math.Abs((at % Side) - 20) < 9 && Math.Abs((at / Side) - 20) < 9;
            var shade = (byte)(90 + (((at / Side) + (index * 7)) % 80));
            pixels[3 * at] = inside && red ? (byte)220 : shade;
            pixels[(3 * at) + 1] = inside ? (byte)(30 + index) : (byte)(shade + 20);
            pixels[(3 * at) + 2] = inside && !red ? (byte)220 : shade;
        }

        return new RgbImage(Side, Side, pixels);
    }
}
