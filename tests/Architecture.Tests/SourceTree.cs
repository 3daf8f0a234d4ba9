namespace Pipeline.Architecture.Tests;

/// <summary>The repository's source, above the folder in which the tests run.</summary>
internal static class SourceTree
{
    /// <summary>The repository's root.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>Every project of <c>src</c>, by the name of its file.</summary>
    internal static IReadOnlyList<Project> Projects { get; } = ProjectsIn("src");

    /// <summary>Every project of <c>src</c> and <c>tests</c>.</summary>
    internal static IReadOnlyList<Project> AllProjects { get; } = [.. Projects, .. ProjectsIn("tests")];

    /// <summary>Paths relative to the root, for a reader of a failing test.</summary>
    internal static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static IReadOnlyList<Project> ProjectsIn(string folder) =>
        [
            .. Directory
                .GetDirectories(Path.Combine(Root, folder))
                .SelectMany(project => Directory.GetFiles(project, "*.csproj"))
                .Order(StringComparer.Ordinal)
                .Select(file => new Project(file)),
        ];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds Pipeline.sln; the tests must run inside the repository."
        );
    }
}
