namespace Pipeline.Models.Tests.Golden;

/// <summary>The reference cases: those under the folder that PIPELINE_GOLDEN names, else those in tests/Fixtures/golden.</summary>
public static class GoldenSet
{
    public static string Root =>
        Environment.GetEnvironmentVariable("PIPELINE_GOLDEN") is { Length: > 0 } named ? Path.GetFullPath(named) : Fixtures;

    /// <summary>The copy in the repository, found from the test assembly upwards.</summary>
    public static string Fixtures
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")))
            {
                folder = folder.Parent;
            }

            return Path.Combine(folder!.FullName, "tests", "Fixtures", "golden");
        }
    }

    /// <summary>Every folder with a case.json, relative to <see cref="Root"/>, in ordinal order.</summary>
    public static IEnumerable<string> Folders =>
        Directory
            .EnumerateFiles(Root, GoldenCase.Description, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, Path.GetDirectoryName(file)!))
            .Order(StringComparer.Ordinal);

    public static GoldenCase Case(string folder) => GoldenCase.Read(Path.GetFullPath(Path.Combine(Root, folder)));
}
