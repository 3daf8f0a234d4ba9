using Pipeline.Host.Commands;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Tests.Commands;

public sealed class ReportCommandTests : IDisposable
{
    private const string Yaml = "pipeline: p\nstages:\n  ingest: {}\n  caption: { after: ingest }\n";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("interrupted", "is interrupted; it must be done")]
    [InlineData("failed", "is failed; it must be done")]
    public async Task Run_that_is_not_done_is_refused(string state, string said)
    {
        folder.WriteRun(state);

        var result = await ReportAsync(folder.Root);

        Refused(result, said);
    }

    [Fact]
    public async Task Folder_that_is_missing_or_without_a_run_is_refused()
    {
        var missing = await ReportAsync(Path.Combine(folder.Root, "no"));
        var empty = await ReportAsync(folder.Root);

        Refused(missing, "is not a folder");
        Refused(empty, "has no run.json");
    }

    [Fact]
    public async Task Pipeline_without_a_report_is_refused()
    {
        folder.WriteRun("done");
        folder.Write("pipeline.yaml", Yaml);

        var result = await ReportAsync(folder.Root);

        Refused(result, "has no stage report");
    }

    [Fact]
    public async Task Run_whose_shards_were_cleaned_keeps_the_report_that_it_has()
    {
        folder.WriteRun("done");
        folder.Write("pipeline.yaml", Starter());
        folder.Write("report/index.html", "as it was");

        var result = await ReportAsync(folder.Root);

        Refused(result, "were cleaned");
        File.ReadAllText(Path.Combine(folder.Root, "report", "index.html")).Should().Be("as it was");
    }

    private static string Starter() => Stages.Runs.Definition.PipelineFile.Write(RunSession.Read("starter", []));

    private static Task<CommandLineResult> ReportAsync(string directory) =>
        CommandLineResult.Of(ReportCommand.Create(), "report", directory);

    private void Refused(CommandLineResult result, string said)
    {
        result.Code.Should().Be(2);
        result.Error.Should().StartWith("error: ").And.Contain(said);
        File.Exists(Path.Combine(folder.Root, "report", "report.json")).Should().BeFalse();
    }
}
