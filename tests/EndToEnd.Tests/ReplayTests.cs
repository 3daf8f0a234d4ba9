using System.Globalization;
using System.Text.Json;
using Pipeline.EndToEnd.Tests.Cluster;

namespace Pipeline.EndToEnd.Tests;

/// <summary>Failed batches are found by their cause and tried again, by the commands that a user types.</summary>
public sealed class ReplayTests : IDisposable
{
    private const int Training = 80; // of each of two classes
    private const int Held = 10; // of each class and of two splits: 200 samples in all, one a batch
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-replay-").FullName;
    private readonly string input;
    private readonly string pipeline;

    public ReplayTests()
    {
        input = SmallDataSet.Write(Path.Combine(folder, "in"), Training, Held);
        pipeline = ClusterPipelines.Edits(folder);
    }

    private string Whole => Path.Combine(folder, "whole");

    private string Output => Path.Combine(folder, "out");

    private string Faults => Path.Combine(folder, "faults");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Two_causes_are_two_groups_and_replay_ends_as_a_run_that_never_failed()
    {
        await FailAsync();

        var groups = await GroupsAsync();
        await MendAsync();
        await ReplayAsync("--group", groups.Single(group => group.Stage == "edit").Id);
        var left = await GroupsAsync();
        await ReplayAsync();
        var (code, printed) = await ProgramRun.StartAsync(["replay", Output, "--yes", "--plain"], faults: Faults);

        groups.Select(group => (group.Stage, group.Count)).Should().BeEquivalentTo([("edit", 50), ("caption", 50)]);
        left.Should().ContainSingle().Which.Should().Be(groups.Single(group => group.Stage == "caption"));
        (code, printed).Should().Be((0, $"No failed batch is meant. See: pipeline failed {Output}\n"));
        ProgramRun.Differences(Output, Whole).Should().BeEmpty();
        (await HistoryAsync()).Should().Equal((50, 50), (50, 50));
    }

    [Fact]
    public async Task Replay_of_what_is_not_mended_fails_again_and_leaves_the_others_alone()
    {
        await FailAsync();

        var (code, _) = await ProgramRun.StartAsync(["replay", Output, "--batch", "4", "--yes", "--plain"], faults: Faults);

        code.Should().Be(1);
        (await GroupsAsync()).Sum(group => group.Count).Should().Be(100);
        Attempts("caption", 4).Should().Be(2);
        Attempts("caption", 8).Should().Be(1);
        (await HistoryAsync()).Should().Equal((1, 0));
    }

    [Fact]
    public async Task Killed_at_20_moments_a_replay_loses_and_doubles_nothing()
    {
        await FailAsync();
        await MendAsync();
        var draws = new Random(20);

        for (var kill = 0; kill < 20; kill++)
        {
            await using var replay = RunningProgram.Start(["replay", Output, "--yes", "--plain", "--rate", "60"], faults: Faults);
            await replay.KillAfterAsync(TimeSpan.FromSeconds(0.2 + draws.NextDouble()));
        }

        await ReplayAsync();

        ProgramRun.Differences(Output, Whole).Should().BeEmpty();
        var history = await HistoryAsync();
        history.Sum(replay => replay.Claimed).Should().Be(100);
        history.Sum(replay => replay.Done).Should().Be(100);
    }

    [Fact]
    public async Task Batches_that_are_replayed_with_other_settings_keep_them_and_the_others_stay_as_they_are()
    {
        await FailAsync();
        await MendAsync();

        await ReplayAsync("--stage", "edit", "--set", "edit.strength=0.3");
        await ReplayAsync();
        var replayed = ProgramRun.Files(Output);
        var (code, printed) = await RunAsync(Output);

        code.Should().Be(0, printed);
        ProgramRun.Files(Output).Should().Equal(replayed);
        ProgramRun
            .Differences(Output, Whole)
            .Where(name => name.Contains("/edit/", StringComparison.Ordinal))
            .Select(name => int.Parse(Path.GetFileName(name).AsSpan(0, 8), CultureInfo.InvariantCulture))
            .Should()
            .OnlyContain(batch => batch % 4 == 1)
            .And.HaveCountGreaterThan(30);
    }

    [Fact]
    public async Task Dropped_batches_stay_failed_and_are_not_tried_again()
    {
        await FailAsync();
        await MendAsync();

        var (code, printed) = await ProgramRun.StartAsync(["failed", "drop", Output, "--stage", "edit", "--yes"]);
        var (replay, _) = await ProgramRun.StartAsync(["replay", Output, "--yes", "--plain"], faults: Faults);
        var (again, _) = await RunAsync(Output);

        code.Should().Be(0, printed);
        (replay, again).Should().Be((1, 1));
        (await GroupsAsync()).Should().ContainSingle().Which.Count.Should().Be(50);
    }

    [Fact]
    public async Task What_was_set_aside_is_shown_and_joins_the_run_when_it_is_resubmitted()
    {
        var (good, told) = await RunAsync(Whole);
        good.Should().Be(0, told);
        var image = Directory.GetFiles(input, "*.*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(image);
        await File.WriteAllBytesAsync(image, bytes[..20]);
        await RunAsync(Output);

        var (shown, listed) = await ProgramRun.StartAsync(["quarantine", Output, "--open"]);
        await File.WriteAllBytesAsync(image, bytes);
        var (code, printed) = await ProgramRun.StartAsync(["quarantine", Output, "--resubmit", "--yes", "--plain"]);

        (shown, code).Should().Be((0, 0), printed);
        listed.Should().Contain("1 in quarantine.");
        (await File.ReadAllTextAsync(Path.Combine(Output, "quarantine", "index.html"))).Should().Contain("cannot be shown");
        File.Delete(Path.Combine(Output, "quarantine", "index.html"));
        ProgramRun.Differences(Output, Whole).Should().BeEmpty();
    }

    /// <summary>A run that never failed, and one in which 100 of 200 batches fail for two causes; between them others go well.</summary>
    private async Task FailAsync()
    {
        var (good, told) = await RunAsync(Whole);
        good.Should().Be(0, told);
        var lines = Enumerable
            .Range(0, 200)
            .Where(batch => batch % 4 < 2)
            .Select(batch =>
                batch % 4 == 0
                    ? $"caption:batch.{batch} The model at /models/blip-{batch}/model.onnx is {1000 + batch} bytes long; it must be 2000."
                    : $"edit:batch.{batch} The editor answered {500 + (batch % 3)} to request {batch * 7919:x8}a9."
            );
        await File.WriteAllLinesAsync(Faults, lines);
        var (bad, printed) = await RunAsync(Output);
        bad.Should().Be(1, printed);
    }

    private Task MendAsync() => File.WriteAllTextAsync(Faults, "");

    private Task<(int Code, string Output)> RunAsync(string output) =>
        ProgramRun.StartAsync(
            ProgramRun.Arguments(pipeline, input, output, "--max-failed", "100"),
            faults: File.Exists(Faults) ? Faults : null
        );

    private async Task ReplayAsync(params string[] more)
    {
        var (code, printed) = await ProgramRun.StartAsync(["replay", Output, "--yes", "--plain", .. more], faults: Faults);
        code.Should().BeOneOf([0, 1], printed);
    }

    private async Task<IReadOnlyList<(string Id, string Stage, int Count)>> GroupsAsync()
    {
        var (code, printed) = await ProgramRun.StartAsync(["failed", Output, "--json"]);
        code.Should().Be(0, printed);
        using var groups = JsonDocument.Parse(printed);
        return
        [
            .. groups
                .RootElement.EnumerateArray()
                .Select(group =>
                    (
                        group.GetProperty("group").GetString() ?? "",
                        group.GetProperty("stage").GetString() ?? "",
                        group.GetProperty("count").GetInt32()
                    )
                ),
        ];
    }

    /// <summary>Batches that each replay claimed, and those of them that are done.</summary>
    private async Task<IReadOnlyList<(int Claimed, int Done)>> HistoryAsync()
    {
        var (code, printed) = await ProgramRun.StartAsync(["retry-history", Output]);
        code.Should().Be(0, printed);
        var lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var (claimed, done) = (lines[0].IndexOf("batches", StringComparison.Ordinal), lines[0].IndexOf("done", StringComparison.Ordinal));
        return [.. lines.Skip(1).Select(line => (Number(line, claimed), Number(line, done)))];

        static int Number(string line, int at) => int.Parse(line[at..].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private int Attempts(string stage, int batch)
    {
        var path = Directory
            .GetFiles(Output, $"{batch:D8}.failed.json", SearchOption.AllDirectories)
            .Single(file => file.Contains($"/{stage}/", StringComparison.Ordinal));
        using var record = JsonDocument.Parse(File.ReadAllText(path));
        return record.RootElement.GetProperty("attempts").GetInt32();
    }
}
