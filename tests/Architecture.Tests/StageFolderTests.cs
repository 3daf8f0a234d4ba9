using System.Text.RegularExpressions;
using NetArchTest.Rules;

namespace Pipeline.Architecture.Tests;

/// <summary>No stage names another stage: they meet in messages and column names only.</summary>
public sealed partial class StageFolderTests
{
    private static readonly string[] NoStages = ["Failures", "Flow", "Isolation", "Plugins", "Runs", "Seeing", "Transport"];

    private static readonly Project Stages = SourceTree.Projects.Single(project => project.Name == "Pipeline.Stages");

    private static readonly string[] Folders =
    [
        .. Directory
            .GetDirectories(Stages.Folder)
            .Select(path => Path.GetFileName(path))
            .Except(["bin", "obj"])
            .Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void Folders_of_the_stages_are_found()
    {
        var folders = Folders;

        folders.Should().Contain("Transport");
    }

    [Fact]
    public void No_source_of_a_stage_names_another_stage()
    {
        var stages = Folders.Except(NoStages).ToArray();

        var named =
            from source in Stages.Sources
            let stage = Path.GetRelativePath(Stages.Folder, source).Split(Path.DirectorySeparatorChar)[0]
            where stages.Contains(stage)
            from other in Named(File.ReadAllText(source), stages)
            where other != stage
            select $"{SourceTree.Relative(source)} names {other}";

        named.Should().BeEmpty();
    }

    [Fact]
    public void No_type_of_a_stage_uses_another_stage()
    {
        var stages = Folders.Except(NoStages).ToArray();

        var uses = stages.SelectMany(stage =>
            Types
                .InAssembly(Stages.Assembly)
                .That()
                .ResideInNamespaceMatching($@"^Pipeline\.Stages\.{stage}(\.|$)")
                .ShouldNot()
                .HaveDependencyOnAny([.. stages.Where(other => other != stage).Select(other => $"Pipeline.Stages.{other}")])
                .GetResult()
                .FailingTypeNames
            ?? []
        );

        uses.Should().BeEmpty();
    }

    [Fact]
    public void Rule_on_sources_sees_a_name()
    {
        var source =
            "using Pipeline.Stages.Caption;\nusing Pipeline.Stages.Flow;\n/// <see cref=\"Pipeline.Stages.Edit.EditStage\"/>\nusing Pipeline.Stages.Editing;";

        var named = Named(source, ["Caption", "Edit", "Filter"]);

        named.Should().Equal("Caption", "Edit");
    }

    private static IEnumerable<string> Named(string source, string[] stages) =>
        StageNamespace().Matches(source).Select(match => match.Groups["stage"].Value).Where(stages.Contains).Distinct();

    [GeneratedRegex(
        @"\bStages\.(?<stage>\w+)",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex StageNamespace();
}
