namespace Pipeline.EndToEnd.Tests;

public sealed class ChangeTests(ReferenceRun reference) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    private string Input => Path.Combine(folder, "in");

    private string Output => Path.Combine(folder, "out");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Changed_edit_option_redoes_edit_and_what_follows_and_nothing_before()
    {
        await CopyReferenceAsync();
        var before = ProgramRun.Files(Output);

        var run = await ProgramRun.StartAsync([.. reference.Arguments(Output), "--set", "edit.strength=0.5"]);

        run.Code.Should().Be(0, run.Output);
        StagesRedone().Should().Equal("edit", "filter");
        var after = ProgramRun.Files(Output);
        Changed(before, after, "/edit/").Should().HaveCount(6).And.Equal(Shards(after, "/edit/"));
        Changed(before, after, "augmented/").Should().ContainSingle().Which.Should().Contain("train-");
        Changed(before, after, "models/original-0").Should().BeEmpty();
        Changed(before, after, "models/original+kept-0").Should().NotBeEmpty();
    }

    [Fact]
    public async Task Changed_train_option_redoes_training_only_and_no_epoch_that_it_does_not_touch()
    {
        await CopyReferenceAsync();
        var trained = File.GetLastWriteTimeUtc(Checkpoint("original-0"));

        var run = await ProgramRun.StartAsync([.. reference.Arguments(Output), "--set", "train.seeds=2"]);

        run.Code.Should().Be(0, run.Output);
        StagesRedone().Should().BeEmpty();
        File.GetLastWriteTimeUtc(Checkpoint("original-0")).Should().Be(trained);
        File.Exists(Checkpoint("original-1")).Should().BeTrue();
        File.Exists(Checkpoint("original+kept-1")).Should().BeTrue();
    }

    [Fact]
    public async Task Files_that_change_come_and_go_are_seen_and_only_their_batches_are_done_again()
    {
        SmallDataSet.Write(Input, training: 8, held: 2);
        var file = Path.Combine(Input, "train", "red", "0001.jpg");
        (await CaptionAsync()).Code.Should().Be(0);
        var before = await IdsAsync();

        await File.WriteAllBytesAsync(file, await File.ReadAllBytesAsync(Path.Combine(Input, "train", "blue", "0002.jpg")));
        var changed = await CaptionAsync();
        var redoneForChange = new RunOutput(Output).Redone;
        var afterChange = await IdsAsync();
        var other = await File.ReadAllBytesAsync(Path.Combine(Input, "test", "red", "0001.jpg"));
        File.Delete(Path.Combine(Input, "test", "red", "0001.jpg"));
        var removed = await CaptionAsync();
        var redoneForRemoval = new RunOutput(Output).Redone;
        await File.WriteAllBytesAsync(Path.Combine(Input, "test", "red", "0007.jpg"), other);
        var added = await CaptionAsync();

        changed.Output.Should().Contain("account: samples 24 in = 24 kept");
        redoneForChange.Should().Equal("caption/2", "ingest/2");
        afterChange.Keys.Should().Equal(before.Keys);
        afterChange.Where(pair => before[pair.Key] != pair.Value).Should().ContainSingle().Which.Key.Should().Be("train/red/0001.jpg");
        removed.Output.Should().Contain("account: samples 23 in = 23 kept");
        redoneForRemoval.Should().Equal("caption/5", "ingest/5");
        added.Output.Should().Contain("account: samples 24 in = 24 kept");
        (await IdsAsync()).Keys.Should().Contain("test/red/0007.jpg").And.NotContain("test/red/0001.jpg");
        var fresh = await ProgramRun.StartAsync(CaptionArguments(Path.Combine(folder, "fresh")));
        fresh.Code.Should().Be(0, fresh.Output);
        ProgramRun.Files(Output).Should().Equal(ProgramRun.Files(Path.Combine(folder, "fresh")));
    }

    [Fact]
    public async Task File_changed_at_equal_size_and_time_is_found_by_verify_and_not_without()
    {
        SmallDataSet.Write(Input, training: 4, held: 1);
        var file = Path.Combine(Input, "train", "red", "0003.jpg");
        byte[] picture = [.. await File.ReadAllBytesAsync(file), 0];
        await File.WriteAllBytesAsync(file, picture);
        (await CaptionAsync()).Code.Should().Be(0);
        var before = await IdsAsync();
        var written = File.GetLastWriteTimeUtc(file);
        picture[^1] = 1;
        await File.WriteAllBytesAsync(file, picture);
        File.SetLastWriteTimeUtc(file, written);

        var trusting = await CaptionAsync();
        var afterTrusting = await IdsAsync();
        var verifying = await CaptionAsync("--verify");
        var afterVerifying = await IdsAsync();

        trusting.Output.Should().Contain("nothing was done");
        afterTrusting.Should().Equal(before);
        verifying.Code.Should().Be(0, verifying.Output);
        new RunOutput(Output).Redone.Should().Equal("caption/1", "ingest/1");
        afterVerifying.Where(pair => before[pair.Key] != pair.Value).Should().ContainSingle().Which.Key.Should().Be("train/red/0003.jpg");
    }

    private static IEnumerable<string> Changed(
        SortedDictionary<string, string> before,
        SortedDictionary<string, string> after,
        string part
    ) =>
        after
            .Where(file => file.Key.Contains(part, StringComparison.Ordinal) && before.GetValueOrDefault(file.Key) != file.Value)
            .Select(file => file.Key);

    private static IEnumerable<string> Shards(SortedDictionary<string, string> files, string part) =>
        files.Keys.Where(file => file.Contains(part, StringComparison.Ordinal));

    private IEnumerable<string> StagesRedone() =>
        new RunOutput(Output).Redone.Select(batch => batch.Split('/')[0]).Distinct(StringComparer.Ordinal);

    private string Checkpoint(string training) =>
        Path.Combine(Output, "runs", new RunOutput(Output).Id, "train", training, "checkpoint.safetensors");

    private async Task CopyReferenceAsync()
    {
        await reference.Run;
        foreach (var path in Directory.EnumerateFiles(reference.Output, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Output, Path.GetRelativePath(reference.Output, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy) ?? Output);
            File.Copy(path, copy);
        }
    }

    private string[] CaptionArguments(string output, params string[] more) =>
        ProgramRun.Arguments("captions", Input, output, ["--set", "ingest.batch=4", .. more]);

    private Task<(int Code, string Output)> CaptionAsync(params string[] more) => ProgramRun.StartAsync(CaptionArguments(Output, more));

    private async Task<SortedDictionary<string, string>> IdsAsync() =>
        new(
            (await new RunOutput(Output).RowsAsync<Sample>("ingest")).ToDictionary(
                row => row.Uri,
                row => row.SampleId,
                StringComparer.Ordinal
            ),
            StringComparer.Ordinal
        );

    private sealed record Sample(string SampleId, string Uri);
}
