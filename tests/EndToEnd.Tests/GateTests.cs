namespace Pipeline.EndToEnd.Tests;

public sealed class GateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_hundred_batches_pass_closed_gates_under_a_bound_of_two_unfinished_ones()
    {
        var input = SmallDataSet.Write(Path.Combine(folder, "in"), training: 40, held: 5);
        string[] bound = ["--set", "ingest.batch=1", "--set", "ingest.unfinished=2", "--set", "train.epochs=1"];

        var run = await ProgramRun.StartAsync([
            .. ProgramRun.Arguments("starter", input, Path.Combine(folder, "out"), ProgramRun.Small),
            .. bound,
        ]);

        run.Code.Should().Be(0, run.Output);
        run.Output.Should().Contain("account: samples 100 in = 100 kept");
        (await new RunOutput(Path.Combine(folder, "out")).RowsAsync<Sample>("caption")).Should().HaveCount(100);
    }

    private sealed record Sample(string SampleId);
}
