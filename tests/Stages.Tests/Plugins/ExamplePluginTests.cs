using Pipeline.Plugins;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Plugins;

public sealed class ExamplePluginTests
{
    [Fact]
    public async Task Example_is_loaded_as_its_project_builds_it()
    {
        await using var folder = new WatchedFolder();
        ExamplePlugin.Drop(folder.Path);

        await folder.OpenAsync();

        StageManifest
            .Of(folder.Kind(ExamplePlugin.Kind))
            .Adds.Select(column => $"{column}")
            .Should()
            .Equal("sample_id:string", "byte_entropy:float64");
        Directory.GetFiles(Path.Combine(folder.Path, "ByteEntropy"), "Pipeline.*").Should().BeEmpty("the program has them");
    }

    [Fact]
    public async Task Readme_of_the_sdk_shows_the_example_as_it_is()
    {
        var root = Root();
        var source = await File.ReadAllTextAsync(Path.Combine(root, "tests", "ByteEntropy", "ByteEntropyKind.cs"));

        var readme = await File.ReadAllTextAsync(Path.Combine(root, "src", "Sdk", "README.md"));

        readme.Should().Contain($"```csharp\n{source.TrimEnd()}\n```");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("No folder above the test holds Pipeline.sln.");
        }

        return folder.FullName;
    }
}
