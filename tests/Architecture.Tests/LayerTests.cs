using NetArchTest.Rules;

namespace Pipeline.Architecture.Tests;

/// <summary><c>Host → Stages → Sdk, Models, Shards; Sdk → Messages</c>, and no other arrow.</summary>
public sealed class LayerTests
{
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Pipeline.Host"] = ["Pipeline.Stages"],
        ["Pipeline.Stages"] = ["Pipeline.Models", "Pipeline.Sdk", "Pipeline.Shards"],
        ["Pipeline.Sdk"] = ["Pipeline.Messages"],
        ["Pipeline.Messages"] = [],
        ["Pipeline.Models"] = [],
        ["Pipeline.Shards"] = [],
    };

    public static TheoryData<string> Projects() => [.. Arrows.Keys];

    [Fact]
    public void Projects_of_src_are_those_of_the_layers()
    {
        var projects = SourceTree.Projects.Select(project => project.Name);

        projects.Should().BeEquivalentTo(Arrows.Keys);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_refers_to_the_layer_below_it_alone(string name)
    {
        var references = Named(name).References;

        references.Should().Equal(Arrows[name]);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Types_use_the_layers_below_them_alone(string name)
    {
        var project = Named(name);
        var others = Arrows.Keys.Except(Below(name)).Where(other => other != name).ToArray();

        var result = Types.InAssembly(project.Assembly).ShouldNot().HaveDependencyOnAny(others).GetResult();

        (result.FailingTypeNames ?? []).Should().BeEmpty("{0} must not use {1}", name, string.Join(", ", others));
        project.Types.Any().Should().Be(project.Sources.Any(HoldsTypes), "a project with sources has types, or this rule checks nothing");
    }

    [Fact]
    public void Rule_on_types_sees_a_use()
    {
        var result = Types.InAssembly(Named("Pipeline.Stages").Assembly).ShouldNot().HaveDependencyOnAny("Pipeline.Messages").GetResult();

        result.FailingTypeNames.Should().Contain("Pipeline.Stages.Transport.Envelope");
    }

    [Fact]
    public void Program_is_named_pipeline()
    {
        var host = Named("Pipeline.Host");

        host.AssemblyName.Should().Be("pipeline");
        host.Assembly.EntryPoint.Should().NotBeNull();
    }

    private static bool HoldsTypes(string source) => Path.GetFileName(source) != "Program.cs";

    private static Project Named(string name) => SourceTree.Projects.Single(project => project.Name == name);

    private static IEnumerable<string> Below(string name) => Arrows[name].SelectMany(below => Below(below).Append(below)).Distinct();
}
