using System.Text.RegularExpressions;

namespace Pipeline.Architecture.Tests;

public sealed partial class NamingTests
{
    private static readonly string[] SayNothing = ["Utils", "Util", "Common", "Helpers", "Helper", "Shared", "Misc", "Base", "Manager"];

    [Fact]
    public void Namespace_is_the_projects_name_and_the_folders()
    {
        var sources = SourceTree.AllProjects.SelectMany(project => project.Sources.Select(source => (project, source))).ToList();

        var wrong =
            from place in sources
            let wanted = Namespace(place.project, place.source)
            let found = FileScopedNamespace().Match(File.ReadAllText(place.source)).Groups["name"].Value
            where found != wanted && !(found.Length == 0 && Path.GetFileName(place.source) == "Program.cs")
            select $"{SourceTree.Relative(place.source)} has namespace '{found}'; it must be {wanted}";

        sources.Should().NotBeEmpty();
        wrong.Should().BeEmpty();
    }

    [Fact]
    public void Types_are_sealed()
    {
        var types = SourceTree.Projects.SelectMany(project => project.Types).ToList();

        var open = types.Where(type => type.IsClass && !type.IsSealed && !type.IsAbstract).Select(type => type.FullName);

        types.Should().NotBeEmpty();
        open.Should().BeEmpty();
    }

    [Fact]
    public void No_folder_has_a_name_that_says_nothing()
    {
        var folders = SourceTree
            .AllProjects.SelectMany(project => project.Sources)
            .SelectMany(source => SourceTree.Relative(Path.GetDirectoryName(source)!).Split('/'))
            .Distinct()
            .ToList();

        folders.Should().Contain(["src", "Stages"]);
        folders.Where(SaysNothing).Should().BeEmpty();
    }

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var names = SourceTree
            .Projects.SelectMany(project => project.Types)
            .Select(type => type.Name.Split('`')[0])
            .Concat(SourceTree.AllProjects.SelectMany(project => project.Sources).Select(source => Path.GetFileName(source).Split('.')[0]))
            .ToList();

        names.Should().Contain("Envelope");
        names.Where(SaysNothing).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Utils", true)]
    [InlineData("ImageHelper", true)]
    [InlineData("SessionManager", true)]
    [InlineData("StageBase", true)]
    [InlineData("BaseClassifier", false)]
    [InlineData("Database", false)]
    public void Rule_on_names_sees_a_name_that_says_nothing(string name, bool expected)
    {
        var seen = SaysNothing(name);

        seen.Should().Be(expected);
    }

    private static bool SaysNothing(string name) => Array.Exists(SayNothing, word => name.EndsWith(word, StringComparison.Ordinal));

    private static string Namespace(Project project, string source)
    {
        var folder = Path.GetRelativePath(project.Folder, Path.GetDirectoryName(source)!);
        return folder == "." ? project.Name : $"{project.Name}.{folder.Replace(Path.DirectorySeparatorChar, '.')}";
    }

    [GeneratedRegex(
        @"^namespace (?<name>[\w.]+);",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex FileScopedNamespace();
}
