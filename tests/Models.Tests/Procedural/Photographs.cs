using NetVips;
using Pipeline.Models.Images;
using Pipeline.Models.Procedural;

namespace Pipeline.Models.Tests.Procedural;

/// <summary>Seven photographs of birds in seven light and ground situations, 160 × 160, and what tests do with them.</summary>
internal static class Photographs
{
    public static IReadOnlyList<RgbImage> All { get; } = Load();

    public static IReadOnlyList<RgbImage> Edited(string prompt, double strength = 1) =>
        new ProceduralEditor()
            .EditAsync(
                [.. All.Select((image, index) => new EditRequest(image, prompt, strength, (ulong)index + 11))],
                CancellationToken.None
            )
            .AsTask()
            .Result;

    public static RgbImage Edited(RgbImage image, string prompt, double strength = 1, ulong seed = 5) =>
        new ProceduralEditor().EditAsync([new EditRequest(image, prompt, strength, seed)], CancellationToken.None).AsTask().Result[0];

    /// <summary>An even ramp of colours; of any size.</summary>
    public static RgbImage Ramp(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            pixels[i * 3] = (byte)(40 + 160 * (i % width) / width);
            pixels[i * 3 + 1] = (byte)(30 + 180 * (i / width) / height);
            pixels[i * 3 + 2] = 90;
        }

        return new RgbImage(width, height, pixels);
    }

    public static RgbImage Plain(int width, int height, byte red, byte green, byte blue) =>
        new(width, height, [.. Enumerable.Range(0, width * height).SelectMany(_ => new[] { red, green, blue })]);

    private static RgbImage[] Load()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "tests", "Fixtures", "stampbirds")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("tests/Fixtures/stampbirds is not above the tests' output.");
        }

        return
        [
            .. Directory
                .GetFiles(Path.Combine(folder.FullName, "tests", "Fixtures", "stampbirds"), "*.jpg")
                .Order(StringComparer.Ordinal)
                .Select(Decode),
        ];
    }

    private static RgbImage Decode(string path)
    {
        using var image = Image.NewFromFile(path);
        return new RgbImage(image.Width, image.Height, image.WriteToMemory<byte>());
    }
}
