namespace Pipeline.EndToEnd.Tests;

public sealed class KillTests(ReferenceRun reference) : IDisposable
{
    private const int Kills = 20;
    private const int InARow = 5;
    private const int Killed = 137; // 128 + SIGKILL
    private static readonly string[] All = ["write", "rename", "publish", "acknowledge"];
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Killed_at_20_random_moments_the_same_command_ends_as_if_it_had_never_been_killed()
    {
        var whole = await reference.Run;
        var moments = new Random(20);
        var (kills, ends) = (0, new List<SortedDictionary<string, string>>());

        while (kills < Kills)
        {
            var output = Path.Combine(folder, $"killed-{ends.Count}");
            kills += await KillAsync(output, InARow, () => moments.NextDouble() * 0.8 * whole.Duration);
            var last = await ProgramRun.StartAsync(reference.Arguments(output));
            last.Code.Should().Be(0, last.Output + ProgramRun.Failures(output));
            ends.Add(ProgramRun.Files(output));
        }

        whole.Files.Keys.Should().Contain(file => file.StartsWith("quarantine/", StringComparison.Ordinal));
        ends.Should().AllSatisfy(files => files.Should().Equal(whole.Files));
    }

    /// <summary>
    /// The stages of a line stand in the order of the flow, so that every kill finds work left for its stage. Training goes on beside the
    /// others, which may end before it does: it is killed in a directory of its own.
    /// </summary>
    [Theory]
    [InlineData("train")]
    [InlineData("ingest", "caption", "describe", "edit", "filter", "select", "export", "report")]
    public async Task Killed_at_every_named_point_the_same_command_ends_as_if_it_had_never_been_killed(params string[] stages)
    {
        var whole = await reference.Run;
        var output = Path.Combine(folder, "killed");

        var missed = new List<string>();
        foreach (var point in Points(stages))
        {
            var (code, printed) = await ProgramRun.StartAsync(reference.Arguments(output), point);
            if (code != Killed)
            {
                missed.Add($"{point}: {printed}");
            }
        }

        var last = await ProgramRun.StartAsync(reference.Arguments(output));

        missed.Should().BeEmpty();
        last.Code.Should().Be(0, last.Output + ProgramRun.Failures(output));
        ProgramRun.Files(output).Should().Equal(whole.Files);
    }

    private static IEnumerable<string> Points(string[] stages) =>
        from stage in stages
        from moment in stage switch
        {
            "ingest" => ["write", "rename", "publish"],
            "train" => ["write", "publish", "acknowledge"],
            _ => All,
        }
        from side in new[] { "before", "after" }
        select $"{stage}:{moment}.{side}";

    /// <summary>Kills runs into one directory, one after the other, until one is finished before its moment; gives the number killed.</summary>
    private async Task<int> KillAsync(string output, int most, Func<TimeSpan> moment)
    {
        for (var kills = 0; kills < most; kills++)
        {
            await using var program = RunningProgram.Start(reference.Arguments(output));
            var code = await program.KillAfterAsync(moment());
            if (code != Killed)
            {
                code.Should().Be(0, program.Output + ProgramRun.Failures(output));
                return kills;
            }
        }

        return most;
    }
}
