using System.Xml.Linq;

namespace Pipeline.Messages.Tests;

public sealed class ContractsTests
{
    private const string Update = "PIPELINE_UPDATE_CONTRACTS";

    [Fact]
    public void Contracts_file_lists_every_record_and_its_fields()
    {
        var path = Path.Combine(Repository.Messages, "Contracts.txt");
        var now = Contracts.Text();
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(path, now);
        }

        var written = File.ReadAllText(path);

        written
            .Should()
            .Be(now, "a contract changes in the same commit as its list; write it anew with {0}=1 and add a Wire sample", Update);
    }

    [Fact]
    public void Contracts_are_the_messages_and_their_parts()
    {
        var names = Contracts.Messages.Select(type => type.Name);

        names
            .Should()
            .Equal(
                "ArtifactReady",
                "BatchFailed",
                "BatchReady",
                "RunClosed",
                "RunCompleted",
                "RunSubmitted",
                "StageDrained",
                "StageStopped",
                "TermBegan",
                "TrainEpoch"
            );
        Contracts.Records.Should().Contain(typeof(ShardReference));
    }

    [Fact]
    public void All_types_stand_in_one_namespace()
    {
        var namespaces = typeof(Wire).Assembly.GetExportedTypes().Select(type => type.Namespace).Distinct();

        namespaces.Should().Equal("Pipeline.Messages");
    }

    [Fact]
    public void Project_refers_to_no_project_and_no_package()
    {
        var project = XDocument.Load(Path.Combine(Repository.Messages, "Pipeline.Messages.csproj"));

        var references = project.Descendants().Where(element => element.Name.LocalName.EndsWith("Reference", StringComparison.Ordinal));

        references.Should().BeEmpty();
    }

    [Fact]
    public void Assembly_refers_to_the_runtime_alone()
    {
        var references = typeof(Wire).Assembly.GetReferencedAssemblies().Select(reference => reference.Name);

        references.Should().NotBeEmpty().And.OnlyContain(name => name!.StartsWith("System.", StringComparison.Ordinal));
    }
}
