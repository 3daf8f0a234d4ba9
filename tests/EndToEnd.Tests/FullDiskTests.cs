namespace Pipeline.EndToEnd.Tests;

public sealed class FullDiskTests(ReferenceRun reference) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;
    private SmallDisk? disk;

    public void Dispose()
    {
        disk?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Full_disk_pauses_the_run_which_goes_on_by_itself_once_there_is_room()
    {
        disk = SmallDisk.Mount(folder, "200k");
        Assert.SkipWhen(disk is null, "a small disk can be mounted by root alone");
        var whole = await reference.Run;
        var output = Path.Combine(folder, "out");
        await using var program = RunningProgram.Start(reference.Arguments(output));

        var paused = await program.UntilAsync(() => program.Output.Contains("paused: ", StringComparison.Ordinal));
        disk.Resize("2g");
        var code = await program.EndAsync();

        paused.Should().BeTrue(program.Output);
        code.Should().Be(0, program.Output + ProgramRun.Failures(output));
        ProgramRun.Files(output).Should().Equal(whole.Files);
    }
}
