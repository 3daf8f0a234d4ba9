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

    /// <summary>A <c>run.json</c> in this state.</summary>
    public void WriteRun(string state, string id = "0a1b") =>
        Write("run.json", $$"""{"id":"{{id}}","pipeline":"starter","input":"birds","seed":7,"state":"{{state}}","stages":{} }""");

    public void Dispose() => folder.Delete(recursive: true);
}
