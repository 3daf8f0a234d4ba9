using System.Text.Json;
using Pipeline.Models.Training;
using Pipeline.Stages.Train;

namespace Pipeline.Stages.Tests.Train;

public sealed class FinishTrainingTests : IAsyncLifetime
{
    private readonly WorkFolder work = new();
    private readonly IReadOnlyList<TrainingSample> samples = new ColourSamples().Set();
    private PixelCache? cache;

    public async ValueTask InitializeAsync() => cache = await PixelCache.OpenAsync(work.At("pixels"), samples, 32, 2, Stop);

    public ValueTask DisposeAsync()
    {
        cache!.Dispose();
        work.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Finished_training_has_a_model_and_a_row_for_each_split()
    {
        var task = await TrainedAsync(cache!, samples);

        var rows = FinishTraining.Run(task, work.At("models"), Stop);

        rows.Select(row => row.Split).Should().Equal("validation", "test", "test_b");
        var curve = LearningCurve.Read(task.Folder)!.Epochs;
        var best = curve.Last(epoch => epoch.IsBest);
        rows[0].Accuracy.Should().Be(best.ValidationAccuracy);
        rows.Should().OnlyContain(row => row.SelectedEpoch == best.Epoch + 1 && row.Epochs == 2 && row.Init == "scratch");
        using var classifier = ImageClassifier.Load(work.At("models", "original-0"));
        classifier.Config.Should().BeEquivalentTo(new ClassifierConfig("resnet18", ["red", "green"], 32, true, "original-0"));
        MetricsFile.Read(task.Folder.Metrics).Should().HaveCount(3);
    }

    [Fact]
    public async Task Metrics_are_one_array_of_the_promised_names()
    {
        var task = await TrainedAsync(cache!, samples);
        FinishTraining.Run(task, work.At("models"), Stop);
        var plan = new TrainingPlan([task.Planned], 3, 2);

        MetricsFile.Merge(work.Root, plan, work.At("report", "metrics.json"));

        using var json = JsonDocument.Parse(File.ReadAllText(work.At("report", "metrics.json")));
        var test = json.RootElement.EnumerateArray().First();
        test.EnumerateObject()
            .Select(field => field.Name)
            .Should()
            .Equal(
                "training",
                "split",
                "seed",
                "accuracy",
                "balanced_accuracy",
                "worst_group",
                "macro_f1",
                "per_class",
                "per_group",
                "worst_group_name",
                "images",
                "init",
                "epochs",
                "selected_epoch",
                "selected_by"
            );
        test.GetProperty("split").GetString().Should().Be("test");
        test.GetProperty("per_class").EnumerateObject().Select(field => field.Name).Should().Equal("red", "green");
        test.GetProperty("per_group")
            .EnumerateObject()
            .Select(field => field.Name)
            .Should()
            .Equal("red/g0", "red/g1", "green/g0", "green/g1");
        test.GetProperty("worst_group")
            .GetDouble()
            .Should()
            .Be(test.GetProperty("per_group").EnumerateObject().Min(field => field.Value.GetDouble()));
    }

    [Fact]
    public async Task Without_groups_and_validation_the_worst_group_is_null_and_the_last_epoch_counts()
    {
        var plain = new ColourSamples().Set(groups: false, validation: false);
        using var pixels = await PixelCache.OpenAsync(work.At("plain"), plain, 32, 2, Stop);
        var task = await TrainedAsync(pixels, plain);

        var rows = FinishTraining.Run(task, work.At("models"), Stop);

        rows.Select(row => row.Split).Should().Equal("test", "test_b");
        rows.Should().OnlyContain(row => row.WorstGroup == null && row.PerGroup.Count == 0 && row.WorstGroupName == null);
        rows.Should().OnlyContain(row => row.SelectedBy == "last epoch" && row.SelectedEpoch == 2);
    }

    [Fact]
    public void Unfinished_training_is_an_error()
    {
        var task = ColourSamples.Task(cache!, samples, work.Root);

        var finish = () => FinishTraining.Run(task, work.At("models"), Stop);

        finish.Should().Throw<InvalidOperationException>().WithMessage("original-0 has 0 epochs; it must have 2 to be finished.*");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<TrainingTask> TrainedAsync(PixelCache pixels, IReadOnlyList<TrainingSample> images)
    {
        var task = ColourSamples.Task(pixels, images, work.Root);
        using var runner = new EpochRunner();
        await runner.RunAsync(task, 1, Stop);
        await runner.RunAsync(task, 2, Stop);
        return task;
    }
}
