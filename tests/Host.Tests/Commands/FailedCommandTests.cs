using Pipeline.Host.Commands;

namespace Pipeline.Host.Tests.Commands;

public sealed class FailedCommandTests
{
    private const string Pipeline = """
        pipeline: 'edits'
        stages:
          'ingest': { kind: 'ingest', after: [] }
          'caption': { kind: 'caption', after: ['ingest'] }

        """;

    [Fact]
    public async Task Run_without_failures_says_so()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("done");

        var result = await CommandLineResult.Of(Create(), "failed", folder.Root);

        (result.Code, result.Output.Trim()).Should().Be((0, "No batch is failed."));
    }

    [Fact]
    public async Task Stage_that_the_run_has_not_is_refused_with_those_that_it_has()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("done");
        folder.Write("pipeline.yaml", Pipeline);

        var result = await CommandLineResult.Of(Create(), "failed", folder.Root, "--stage", "captoin");

        result.Code.Should().Be(2);
        result.Error.Should().Contain("--stage is 'captoin'; it must be one of the run's stages: ingest, caption.");
    }

    private static System.CommandLine.Command Create() => FailedCommand.Create(new Confirmation(TextReader.Null));
}
