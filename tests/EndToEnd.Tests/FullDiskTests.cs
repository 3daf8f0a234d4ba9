using System.Diagnostics;

namespace Pipeline.EndToEnd.Tests;

public sealed class FullDiskTests(ReferenceRun reference) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose()
    {
        Command("umount", folder);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Full_disk_pauses_the_run_which_goes_on_by_itself_once_there_is_room()
    {
        Assert.SkipUnless(Command("mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder), "a small disk can be mounted by root alone");
        var whole = await reference.Run;
        var output = Path.Combine(folder, "out");
        await using var program = RunningProgram.Start(reference.Arguments(output));

        var paused = await program.UntilAsync(() => program.Output.Contains("paused: ", StringComparison.Ordinal));
        var enlarged = Command("mount", "-o", "remount,size=2g", folder);
        var code = await program.EndAsync();

        paused.Should().BeTrue(program.Output);
        enlarged.Should().BeTrue();
        code.Should().Be(0, program.Output + ProgramRun.Failures(output));
        ProgramRun.Files(output).Should().Equal(whole.Files);
    }

    private static bool Command(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start.");
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
