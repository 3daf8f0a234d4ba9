namespace Pipeline.EndToEnd.Tests;

public sealed class ReportRunTests(ReferenceRun reference) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Report_made_anew_is_the_runs_own_and_the_run_stays_finished()
    {
        var whole = await reference.Run;
        var output = Path.Combine(folder, "out");
        await reference.CopyToAsync(output);
        foreach (var name in new[] { "index.html", "report.md", "report.json" })
        {
            File.Delete(Path.Combine(output, "report", name));
        }

        var anew = await ProgramRun.StartAsync(["report", output]);
        var again = await ProgramRun.StartAsync(reference.Arguments(output));

        anew.Code.Should().Be(0, anew.Output);
        anew.Output.Should().Contain("accuracy on test").And.Contain("index.html");
        ProgramRun.Files(output).Should().Equal(whole.Files);
        again.Output.Should().Contain("nothing was done");
    }

    [Fact]
    public async Task Run_names_its_report_first_and_does_not_differ_from_itself()
    {
        var whole = await reference.Run;

        var compared = await ProgramRun.StartAsync(["compare", reference.Output, reference.Output]);

        whole.Output.Should().MatchRegex("(?s)output .*\nreport .*index\\.html\ndata set .*Next: open .*index\\.html in a browser");
        compared.Code.Should().Be(0, compared.Output);
        compared.Output.Should().Contain("Options: equal").And.Contain("Counts: equal").And.Contain("Nothing can be said about noise");
    }
}
