namespace Pipeline.Models.Statistics;

/// <summary>A colour that has a name.</summary>
/// <param name="Name">One or two lower-case words, as captions say it.</param>
/// <param name="Red">sRGB, 0 to 255.</param>
/// <param name="Green">sRGB, 0 to 255.</param>
/// <param name="Blue">sRGB, 0 to 255.</param>
public sealed record NamedColour(string Name, byte Red, byte Green, byte Blue);

/// <summary>The colours that captions name and that the procedural editor paints, each by one typical value.</summary>
public static class ColourNames
{
    private static readonly LabColour[] Places = [];

    static ColourNames() => Places = [.. All.Select(colour => LabColour.From(colour.Red, colour.Green, colour.Blue))];

    /// <summary>Every colour that has a name here. The values are this project's own choice, spread over what photographs hold.</summary>
    public static IReadOnlyList<NamedColour> All { get; } =
    [
        new("black", 14, 14, 16),
        new("dark grey", 62, 64, 66),
        new("grey", 124, 126, 128),
        new("pale grey", 190, 192, 195),
        new("white", 244, 245, 246),
        new("dark brown", 66, 44, 28),
        new("brown", 128, 88, 54),
        new("sandy", 208, 178, 128),
        new("cream", 238, 226, 196),
        new("dark red", 110, 22, 22),
        new("red", 200, 40, 40),
        new("orange", 226, 132, 44),
        new("yellow", 232, 206, 58),
        new("olive", 118, 112, 44),
        new("dark green", 24, 58, 26),
        new("green", 72, 134, 48),
        new("pale green", 172, 206, 146),
        new("teal", 36, 118, 118),
        new("dark blue", 24, 42, 92),
        new("blue", 52, 104, 184),
        new("pale blue", 158, 196, 228),
        new("purple", 110, 66, 142),
        new("pale purple", 186, 160, 204),
        new("pink", 230, 166, 184),
    ];

    /// <summary>Index in <see cref="All"/> of the colour nearest by Euclidean distance in CIE L*a*b* (CIE 1976); the earlier one of two that are as near.</summary>
    public static int Nearest(LabColour colour)
    {
        var best = 0;
        var least = double.MaxValue;
        for (var i = 0; i < Places.Length; i++)
        {
            var distance = colour.SquaredDistance(Places[i]);
            if (distance < least)
            {
                least = distance;
                best = i;
            }
        }

        return best;
    }
}
