namespace Pipeline.EndToEnd.Tests;

public sealed class FailedBatchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    private string Output => Path.Combine(folder, "out");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Batch_whose_input_went_bad_fails_within_the_limit_or_stops_the_run_and_is_tried_again_once_it_is_mended()
    {
        SmallDataSet.Write(Path.Combine(folder, "in"), training: 16, held: 4);
        var whole = await EditAsync();
        var files = ProgramRun.Files(Output);
        var output = new RunOutput(Output);
        var good = await File.ReadAllBytesAsync(output.Shard("caption", 5));
        await File.WriteAllBytesAsync(output.Shard("caption", 5), Damaged(good));
        File.Delete(output.Shard("edit", 5));

        var stopped = await EditAsync("--max-failed", "9.9");
        var allowed = await EditAsync("--max-failed", "10");
        await File.WriteAllBytesAsync(output.Shard("caption", 5), good);
        var mended = await EditAsync();

        whole.Code.Should().Be(0, whole.Output);
        stopped.Code.Should().Be(1, stopped.Output);
        stopped.Output.Should().Contain("1 of 10 batches failed; at most 9.9 percent may (--max-failed).").And.Contain(".failed.json");
        allowed.Code.Should().Be(1, allowed.Output);
        allowed
            .Output.Should()
            .Contain("The run is finished, but for 1 batch that failed.")
            .And.Contain("give the same command: it tries the failed batches again")
            .And.NotContain("   at ");
        var before = PrintedAccount.Of("edits", whole.Output);
        PrintedAccount.Of("edits", allowed.Output).Should().Be(before with { Kept = before.In * 27 / 32, Failed = before.In * 5 / 32 });
        mended.Code.Should().Be(0, mended.Output);
        ProgramRun.Files(Output).Should().Equal(files);
    }

    /// <summary>The first page is overwritten; the footer, by which its stage knows the shard as its own, is not.</summary>
    private static byte[] Damaged(byte[] shard)
    {
        byte[] bad = [.. shard];
        bad.AsSpan(20, 60).Fill(0xAA);
        return bad;
    }

    /// <summary>Ten batches of five; describe looks at the first one alone.</summary>
    private Task<(int Code, string Output)> EditAsync(params string[] more) =>
        ProgramRun.StartAsync(
            ProgramRun.Arguments(
                PipelineFile.Edits(folder),
                Path.Combine(folder, "in"),
                Output,
                ["--set", "ingest.batch=5", "--set", "describe.among=1", .. more]
            )
        );
}
