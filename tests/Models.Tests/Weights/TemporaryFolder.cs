namespace Pipeline.Models.Tests.Weights;

/// <summary>An empty folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-models-");

    public string Root => folder.FullName;

    public string File(string name) => Path.Combine(Root, name);

    public void Dispose() => folder.Delete(recursive: true);
}
