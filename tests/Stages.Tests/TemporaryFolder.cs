using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Tests;

/// <summary>A folder of its own, gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Store = new FolderStore(Path);

    public string Path { get; } = Directory.CreateTempSubdirectory("stages-").FullName;

    public FolderStore Store { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
