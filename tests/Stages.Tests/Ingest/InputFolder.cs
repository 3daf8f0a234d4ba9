using Pipeline.Models.Images;
using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

/// <summary>A folder of input of its own, gone after the test.</summary>
internal sealed class InputFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ingest-").FullName;

    public static byte[] Png(int width = 3, int height = 2, byte grey = 9) =>
        PngEncoder.Encode(new RgbImage(width, height, [.. Enumerable.Repeat(grey, width * height * 3)]));

    public string At(string uri) => System.IO.Path.Combine(Path, uri);

    public InputFolder With(string uri, byte[]? bytes = null)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(uri))!);
        File.WriteAllBytes(At(uri), bytes ?? Png());
        return this;
    }

    /// <summary>12 pictures 0000 to 0011, of which 0001 is text and 0002 is cut short.</summary>
    public InputFolder WithSpoilt(string folder)
    {
        for (var index = 0; index < 12; index++)
            With($"{folder}/{index:D4}.png", Png(16, 16, (byte)(index * 20)));
        return With($"{folder}/0001.png", "not an image"u8.ToArray()).With($"{folder}/0002.png", Png(16, 16, 7)[..^30]);
    }

    public InputFolder WithTable(params string[] lines)
    {
        File.WriteAllText(At("metadata.csv"), string.Join('\n', lines) + "\n");
        return this;
    }

    public IngestSource Open(IngestOptions? options = null) => IngestSource.Open(Path, options ?? new());

    public SourceEntry[] Entries() => [.. Open().Entries()];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
