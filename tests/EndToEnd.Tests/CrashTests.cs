using Pipeline.Stages.Caption;
using Pipeline.Stages.Edit;
using Pipeline.Stages.Ingest;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Samples that bring the process down, and processes that are brought down by somebody else.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Aborted = 134; // 128 + SIGABRT
    private const int Killed = 137; // 128 + SIGKILL
    private const string Guilty = "val/red/0003.jpg"; // the last sample: without it, the batches before are the same
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    private string Input => Path.Combine(folder, "in");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Sample_on_which_the_model_aborts_costs_two_runs_and_is_quarantined_and_all_else_is_as_without_it()
    {
        SmallDataSet.Write(Input);
        var whole = await RunAsync("whole");
        var samples = await new RunOutput(Out("whole")).RowsAsync<IngestRow>("ingest");
        var point = $"caption:call.{samples.Single(sample => sample.Uri == Guilty).SampleId}";

        var first = await RunAsync("crashed", point);
        var second = await RunAsync("crashed", point);
        var third = await RunAsync("crashed", point);
        File.Delete(Path.Combine(Input, Guilty));
        var without = await RunAsync("without");

        new[] { whole.Code, first.Code, second.Code, third.Code, without.Code }.Should().Equal(0, Aborted, Aborted, 0, 0);
        var (output, spared) = (new RunOutput(Out("crashed")), new RunOutput(Out("without")));
        var row = (await output.QuarantineAsync("caption")).Should().ContainSingle().Subject;
        (row.SampleId, row.Kind, row.Uri).Should().Be((point.Split('.')[1], "crash", Guilty));
        row.Message.Should().Contain("signal 6 (SIGABRT)").And.Contain("/ingest/0000000");
        (await output.RowsAsync<CaptionRow>("caption")).Should().Equal(await spared.RowsAsync<CaptionRow>("caption"));
        (await output.RowsAsync<EditRow>("edit"))
            .Should()
            .BeEquivalentTo(await spared.RowsAsync<EditRow>("edit"), rows => rows.WithStrictOrdering());
        PrintedAccount.Of("samples", third.Output).Should().Be(new PrintedAccount(samples.Count, samples.Count - 1, 0, 1, 0));
        Directory.Exists(Path.Combine(Out("crashed"), "crashes")).Should().BeFalse();
    }

    [Theory]
    [InlineData("caption")]
    [InlineData("edit")]
    public async Task Run_killed_twice_in_a_call_tries_all_of_it_alone_and_ends_as_if_it_had_never_been_killed(string stage)
    {
        SmallDataSet.Write(Input, training: 4, held: 1);
        var whole = await RunAsync("whole");

        var first = await RunAsync("killed", $"{stage}:call");
        var second = await RunAsync("killed", $"{stage}:call");
        var last = await RunAsync("killed");

        new[] { whole.Code, first.Code, second.Code, last.Code }.Should().Equal(0, Killed, Killed, 0);
        last.Output.Should().MatchRegex($"{stage}: [1-9][0-9]* samples or variants were in model calls when the process died");
        ProgramRun.Files(Out("killed")).Should().Equal(ProgramRun.Files(Out("whole")));
    }

    private string Out(string name) => Path.Combine(folder, name);

    /// <summary>One batch, whose items are in one call.</summary>
    private Task<(int Code, string Output)> RunAsync(string name, string? crashAt = null) =>
        ProgramRun.StartAsync(
            ProgramRun.Arguments(
                PipelineFile.Edits(folder),
                Input,
                Out(name),
                "--set",
                "ingest.batch=64",
                "--set",
                "caption.microBatch=64",
                "--set",
                "edit.microBatch=64"
            ),
            crashAt
        );
}
