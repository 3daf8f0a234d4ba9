namespace Pipeline.Stages.Tests.Train;

/// <summary>An empty folder that goes with the test.</summary>
internal sealed class WorkFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("pipeline-train-").FullName;

    public string At(params string[] names) => Path.Combine([Root, .. names]);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
