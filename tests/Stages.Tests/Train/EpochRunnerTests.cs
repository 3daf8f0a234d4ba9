using Pipeline.Stages.Train;

namespace Pipeline.Stages.Tests.Train;

public sealed class EpochRunnerTests : IAsyncLifetime
{
    private readonly WorkFolder work = new();
    private readonly IReadOnlyList<TrainingSample> samples = new ColourSamples().Set();
    private PixelCache? cache;

    public async ValueTask InitializeAsync() => cache = await PixelCache.OpenAsync(work.At("pixels"), samples, new(32), 2, Stop);

    public ValueTask DisposeAsync()
    {
        cache!.Dispose();
        work.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Training_kept_in_memory_and_one_loaded_for_each_epoch_write_equal_bytes()
    {
        var kept = Task("kept");
        using (var runner = new EpochRunner())
        {
            await runner.RunAsync(kept, 1, Stop);
            await runner.RunAsync(kept, 2, Stop);
        }

        for (var epoch = 1; epoch <= 2; epoch++)
        {
            using var runner = new EpochRunner();
            await runner.RunAsync(Task("loaded"), epoch, Stop);
        }

        var loaded = Task("loaded");
        Bytes(loaded.Folder.Checkpoint).Should().Equal(Bytes(kept.Folder.Checkpoint));
        Bytes(loaded.Folder.Best).Should().Equal(Bytes(kept.Folder.Best));
        Bytes(loaded.Folder.Curve).Should().Equal(Bytes(kept.Folder.Curve));
        LearningCurve.Read(kept.Folder)!.Epochs.Select(epoch => epoch.Epoch).Should().Equal(0, 1);
    }

    [Fact]
    public async Task Redelivered_epoch_does_nothing()
    {
        var task = Task("work");
        using var runner = new EpochRunner();
        await runner.RunAsync(task, 1, Stop);
        var written = File.GetLastWriteTimeUtc(task.Folder.Checkpoint);

        var outcome = await runner.RunAsync(Task("work"), 1, Stop);

        outcome.Should().Be(EpochOutcome.AlreadyDone);
        File.GetLastWriteTimeUtc(task.Folder.Checkpoint).Should().Be(written);
        EpochRunner.EpochsDone(task).Should().Be(1);
    }

    [Fact]
    public async Task Kill_between_curve_and_checkpoint_repeats_the_epoch_to_equal_bytes()
    {
        var task = Task("work");
        using var runner = new EpochRunner();
        await runner.RunAsync(task, 1, Stop);
        var first = Bytes(task.Folder.Checkpoint);
        await runner.RunAsync(task, 2, Stop);
        var (curve, checkpoint) = (Bytes(task.Folder.Curve), Bytes(task.Folder.Checkpoint));
        File.WriteAllBytes(task.Folder.Checkpoint, first);

        var outcome = await runner.RunAsync(task, 2, Stop);

        outcome.Should().Be(EpochOutcome.Trained);
        Bytes(task.Folder.Curve).Should().Equal(curve);
        Bytes(task.Folder.Checkpoint).Should().Equal(checkpoint);
    }

    [Fact]
    public async Task Other_settings_begin_the_training_anew()
    {
        using var runner = new EpochRunner();
        await runner.RunAsync(Task("work"), 1, Stop);
        var changed = Task("work", ColourSamples.Options() with { LearningRate = 0.02 });
        var before = EpochRunner.EpochsDone(changed);

        var outcome = await runner.RunAsync(changed, 1, Stop);

        before.Should().Be(0);
        outcome.Should().Be(EpochOutcome.TrainedAnew);
        LearningCurve.Read(changed.Folder)!.Epochs.Should().ContainSingle().Which.LearningRate.Should().Be(0.02);
    }

    [Theory]
    [InlineData("original", true)]
    [InlineData("original+kept", false)]
    public async Task Edits_of_the_same_ids_that_were_made_otherwise_are_another_training_of_kept_edits_alone(string training, bool same)
    {
        var others = samples.Select(sample => sample.Edited ? sample with { Made = "another quality" } : sample).ToList();
        using var pixels = await PixelCache.OpenAsync(work.At("others"), others, new(32), 2, Stop);

        var before = ColourSamples.Task(cache!, samples, work.At("work"), training).Identity;
        var after = ColourSamples.Task(pixels, others, work.At("work"), training).Identity;

        (after == before).Should().Be(same);
    }

    [Fact]
    public async Task Stopped_epoch_leaves_the_training_as_it_was()
    {
        var task = Task("work");
        using var runner = new EpochRunner();
        var run = () => runner.RunAsync(task, 1, new CancellationToken(canceled: true));

        await run.Should().ThrowAsync<OperationCanceledException>();

        EpochRunner.EpochsDone(task).Should().Be(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Epoch_out_of_range_is_an_error(int epoch)
    {
        using var runner = new EpochRunner();
        var run = () => runner.RunAsync(Task("work"), epoch, Stop);

        await run.Should().ThrowAsync<ArgumentOutOfRangeException>().WithMessage($"*is {epoch}; it must be between 1 and 2.*");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static byte[] Bytes(string path) => File.ReadAllBytes(path);

    private TrainingTask Task(string folder, TrainOptions? options = null) =>
        ColourSamples.Task(cache!, samples, work.At(folder), options: options);
}
