namespace Pipeline.EndToEnd.Tests;

public sealed class InterruptTests(ReferenceRun reference) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Ctrl_C_in_mid_run_exits_with_130_and_the_same_command_goes_on_to_the_same_end()
    {
        var whole = await reference.Run;
        var output = Path.Combine(folder, "out");
        await using var program = RunningProgram.Start(reference.Arguments(output));
        var begun = await program.UntilAsync(() => Directory.Exists(output) && Shards(output, "caption") > 0);

        program.Interrupt();
        var code = await program.EndAsync();
        var last = await ProgramRun.StartAsync(reference.Arguments(output));

        begun.Should().BeTrue(program.Output);
        code.Should().Be(130, program.Output);
        program.Output.Should().Contain("The same command goes on from here.").And.NotContain("   at ");
        last.Code.Should().Be(0, last.Output);
        ProgramRun.Files(output).Should().Equal(whole.Files);
    }

    private static int Shards(string output, string stage) =>
        Directory
            .EnumerateFiles(output, "*.parquet", SearchOption.AllDirectories)
            .Count(path => path.Contains($"/{stage}/", StringComparison.Ordinal));
}
