namespace Pipeline.EndToEnd.Tests;

/// <summary>The sample data set of the repository.</summary>
internal static class SamplePictures
{
    /// <summary>The folder of the repository.</summary>
    public static string Repository { get; } = Find();

    private static string Folder => Path.Combine(Repository, "samples", "stampbirds");

    /// <summary>Training pictures of both classes in turn.</summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        .. new[] { "landbird", "waterbird" }
            .SelectMany(kind => Directory.GetFiles(Path.Combine(Folder, "images", "train", kind)))
            .OrderBy(Path.GetFileName, StringComparer.Ordinal)
            .ThenBy(path => path, StringComparer.Ordinal),
    ];

    private static string Find()
    {
        var above = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(above.FullName, "samples", "stampbirds")))
        {
            above = above.Parent ?? throw new DirectoryNotFoundException("samples/stampbirds is not above the tests' output.");
        }

        return above.FullName;
    }
}
