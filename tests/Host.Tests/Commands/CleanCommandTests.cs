using CsCheck;
using Pipeline.Host.Commands;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Tests.Commands;

public sealed class CleanCommandTests
{
    private static readonly string[] Folders =
    [
        "",
        "augmented",
        "model",
        "models/original-0",
        "report",
        "quarantine/ingest",
        "runs/0a1b/ingest",
        "runs/0a1b/train",
        "runs/0a1b/train/original-0",
        "runs/0a1b",
        "elsewhere",
    ];

    private static readonly string[] Names =
    [
        "00000000.parquet",
        "00000001.failed.json",
        "00000000.log.json",
        ".00000000.parquet.tmp-1a",
        "train-00000-of-00001.parquet",
        "train-00001-of-00002.parquet",
        "model.safetensors",
        "ledger.db",
        "pipeline.yaml",
    ];

    private static readonly Gen<string[]> Trees = Gen.Select(OneOf(Folders), OneOf(Names))
        .Select(place => Path.Combine(place.Item1, place.Item2))
        .Array[0, 40];

    [Fact]
    public void What_must_stay_stays_whatever_the_tree_and_the_state() =>
        Gen.Select(Trees, OneOf("done", "interrupted", "failed"))
            .Sample(
                (tree, state) =>
                {
                    using var folder = new TemporaryFolder();
                    folder.WriteRun(state);
                    foreach (var file in tree)
                        folder.Write(file, file);

                    var result = CommandLineResult
                        .Of(CleanCommand.Create(TextReader.Null), "clean", folder.Root, "--yes")
                        .GetAwaiter()
                        .GetResult();

                    result.Code.Should().Be(0);
                    var whole =
                        tree.Contains("augmented/train-00000-of-00001.parquet") && !tree.Contains("augmented/train-00001-of-00002.parquet");
                    var kept = tree.Append("run.json").Where(file => !MayGo(file, state == "done" && whole)).Distinct();
                    Files(folder).Should().BeEquivalentTo(kept);
                },
                iter: 60
            );

    [Theory]
    [InlineData("y", true)]
    [InlineData(" YES ", true)]
    [InlineData("n", false)]
    [InlineData("yellow", false)]
    [InlineData("", false)]
    public async Task Files_go_only_after_a_yes(string answer, bool gone)
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("interrupted");
        folder.Write("runs/0a1b/edit/.00000000.parquet.tmp-1", "12345");
        using var answers = new StringReader(answer);

        var result = await CommandLineResult.Of(CleanCommand.Create(answers), "clean", folder.Root);

        result.Code.Should().Be(0);
        result.Output.Should().Contain("5 bytes");
        Files(folder).Should().HaveCount(gone ? 1 : 2);
    }

    [Fact]
    public async Task Running_run_and_foreign_folder_are_left_alone()
    {
        using var running = new TemporaryFolder();
        running.WriteRun("running");
        running.Write("runs/0a1b/train/epoch.safetensors", "");
        using var held = OutputLock.Take(running.Root);
        using var foreign = new TemporaryFolder();
        foreign.Write("runs/0a1b/train/epoch.safetensors", "");

        var first = await CommandLineResult.Of(CleanCommand.Create(TextReader.Null), "clean", running.Root, "--yes");
        var second = await CommandLineResult.Of(CleanCommand.Create(TextReader.Null), "clean", foreign.Root, "--yes");

        first.Code.Should().Be(2);
        first.Error.Should().Contain("in use by another process");
        second.Code.Should().Be(2);
        Files(running).Should().HaveCount(2);
        Files(foreign).Should().HaveCount(1);
    }

    [Fact]
    public async Task Run_whose_process_was_killed_can_be_cleaned()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("running");
        folder.Write("runs/0a1b/train/epoch.safetensors", "");

        var result = await CommandLineResult.Of(CleanCommand.Create(TextReader.Null), "clean", folder.Root, "--yes");

        result.Code.Should().Be(0);
        Files(folder).Should().Equal("run.json");
    }

    [Fact]
    public async Task Interrupted_at_the_question_nothing_goes()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("done");
        folder.Write("runs/0a1b/train/epoch.safetensors", "");
        using var interruption = new Interruption();
        using var answers = new SignalInsteadOfAnswer(interruption);

        var result = await CommandLineResult.Of(CleanCommand.Create(answers), interruption.Token, "clean", folder.Root);

        result.Code.Should().Be(130);
        Files(folder).Should().HaveCount(2);
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        folder.WriteRun("done");
        other.Write("train/epoch.safetensors", "");
        Directory.CreateDirectory(Path.Combine(folder.Root, "runs"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "runs", "linked"), other.Root);

        var result = await CommandLineResult.Of(CleanCommand.Create(TextReader.Null), "clean", folder.Root, "--yes");

        result.Output.Should().StartWith("Nothing may go.");
        Files(other).Should().HaveCount(1);
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    /// <summary>The rule, said once more by other means.</summary>
    private static bool MayGo(string file, bool exported) =>
        file.Contains("/.", StringComparison.Ordinal)
            && (file.StartsWith("runs/", StringComparison.Ordinal) || file.StartsWith("quarantine/", StringComparison.Ordinal))
        || file.StartsWith("runs/0a1b/train/", StringComparison.Ordinal)
        || (exported && file.StartsWith("runs/", StringComparison.Ordinal) && file.EndsWith(".parquet", StringComparison.Ordinal));

    private static IEnumerable<string> Files(TemporaryFolder folder) =>
        Directory
            .EnumerateFiles(
                folder.Root,
                "*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }
            )
            .Select(path => Path.GetRelativePath(folder.Root, path))
            .Where(file => file != OutputLock.Name);

    /// <summary>Sends a signal when asked, then never answers before it is disposed.</summary>
    private sealed class SignalInsteadOfAnswer(Interruption interruption) : TextReader
    {
        private readonly ManualResetEventSlim disposed = new();

        public override string? ReadLine()
        {
            interruption.Take();
            disposed.Wait();
            return null;
        }

        protected override void Dispose(bool disposing)
        {
            disposed.Set();
            base.Dispose(disposing);
        }
    }
}
