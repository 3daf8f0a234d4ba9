using Pipeline.Models.Images;

namespace Pipeline.Host.Tests;

/// <summary>An empty folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-host-");

    public string Root => folder.FullName;

    /// <summary>Writes a file and the folders above it; gives its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A data set of two classes with this many small pictures each; gives its folder.</summary>
    public string WriteImages(int each)
    {
        foreach (var name in (string[])["red", "blue"])
        {
            for (var index = 0; index < each; index++)
            {
                var pixels = Enumerable
                    .Range(0, 40 * 40 * 3)
                    .Select(at => (byte)(at % 3 == 0 == (name == "red") ? 200 : 40 + index))
                    .ToArray();
                var path = Path.Combine(Root, "in", "train", name, $"{index}.jpg");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, JpegEncoder.Encode(new RgbImage(40, 40, pixels), 90));
            }
        }

        return Path.Combine(Root, "in");
    }

    /// <summary>A <c>run.json</c> in this state.</summary>
    public void WriteRun(string state, string id = "0a1b") =>
        Write("run.json", $$"""{"id":"{{id}}","pipeline":"starter","input":"birds","seed":7,"state":"{{state}}","stages":{} }""");

    public void Dispose() => folder.Delete(recursive: true);
}
