using System.Text.Json;
using Pipeline.Models.ResNet;
using Pipeline.Models.Training;
using Pipeline.Stages.Train;

namespace Pipeline.Stages.Tests.Train;

public sealed class FinishTrainingTests : IAsyncLifetime
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
    public async Task Scores_say_which_class_was_taken_for_which_and_what_was_trained_on()
    {
        var task = await TrainedAsync(cache!, samples);

        FinishTraining.Run(task, work.At("models"), Stop);

        var test = MetricsFile.Read(task.Folder.Metrics).Single(row => row.Split == "test");
        test.Confusion.Keys.Should().Equal("red", "green");
        test.Confusion.Values.Sum(row => row.Values.Sum()).Should().Be(test.Images);
        test.Confusion["red"].GetValueOrDefault("red").Should().Be((int)Math.Round(2 * test.PerClass["red"]!.Value));
        test.Confusion.Values.Should().OnlyContain(row => row.Values.All(count => count > 0));
        test.Should().Match<MetricsRow>(row => row.TrainingImages == 10 && row.Steps == 2 * 3);
    }

    [Fact]
    public async Task The_card_says_what_the_weights_started_from_and_goes_with_the_chosen_model()
    {
        var task = await TrainedAsync(cache!, samples);
        var rows = FinishTraining.Run(task, work.At("models"), Stop);

        FinishTraining.CopyChosen(new TrainingPlan([task.Planned], 3, 2), rows, work.At("models"), work.At("model"));

        var card = File.ReadAllText(work.At("model", "README.md"));
        card.Should()
            .StartWith("# original-0\n\nA classifier of 2 classes: red, green.\n")
            .And.Contain("- init: scratch (fresh weights; no published ones were used)\n")
            .And.Contain("- images trained on: 10\n")
            .And.Contain("- steps: 2 epochs of 3 steps of 4 images\n")
            .And.MatchRegex(@"\n\| test \| 4 \| \d\.\d{3} \| \d\.\d{3} \| \d\.\d{3} \((red|green)/g[01]\) \| \d\.\d{3} \|\n");
        Directory
            .GetFiles(work.At("model"))
            .Select(Path.GetFileName)
            .Should()
            .BeEquivalentTo("README.md", "config.json", "model.safetensors");
    }

    [Fact]
    public async Task The_card_and_the_scores_name_the_file_with_the_published_weights()
    {
        using (var published = ResNetModel.Create("resnet18", 10, seed: 5))
        {
            ResNetWeights.Save(published, work.At("published.safetensors"));
        }

        var task = await TrainedAsync(cache!, samples, ColourSamples.Options() with { Init = work.At("published.safetensors") });

        var rows = FinishTraining.Run(task, work.At("models"), Stop);

        rows.Should().OnlyContain(row => row.Init == "published.safetensors");
        File.ReadAllText(work.At("models", "original-0", "README.md")).Should().Contain("- init: published.safetensors\n");
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
                "selected_by",
                "confusion",
                "training_images",
                "steps"
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
        using var pixels = await PixelCache.OpenAsync(work.At("plain"), plain, new(32), 2, Stop);
        var task = await TrainedAsync(pixels, plain);

        var rows = FinishTraining.Run(task, work.At("models"), Stop);

        rows.Select(row => row.Split).Should().Equal("test", "test_b");
        rows.Should().OnlyContain(row => row.WorstGroup == null && row.PerGroup.Count == 0 && row.WorstGroupName == null);
        rows.Should().OnlyContain(row => row.SelectedBy == "last epoch" && row.SelectedEpoch == 2);
    }

    [Fact]
    public async Task Training_images_alone_give_a_model_and_a_card_that_says_nothing_was_measured()
    {
        var only = samples.Where(sample => sample.Split == "train").ToList();
        using var pixels = await PixelCache.OpenAsync(work.At("only"), only, new(32), 2, Stop);
        var task = await TrainedAsync(pixels, only);

        var rows = FinishTraining.Run(task, work.At("models"), Stop);

        rows.Should().BeEmpty();
        MetricsFile.Read(task.Folder.Metrics).Should().BeEmpty();
        File.Exists(work.At("models", "original-0", "model.safetensors")).Should().BeTrue();
        File.ReadAllText(work.At("models", "original-0", "README.md")).Should().Contain("Nothing was measured").And.NotContain("| split");
    }

    [Fact]
    public async Task One_class_is_an_error_that_names_it()
    {
        using var pixels = await PixelCache.OpenAsync(work.At("one"), [samples[0]], new(32), 2, Stop);

        var make = () => new TrainingImageSets(pixels, [samples[0]], ["red"]);

        make.Should().Throw<InvalidDataException>().WithMessage("The input has 1 class, red; a classifier must have at least 2.*");
    }

    [Fact]
    public void Unfinished_training_is_an_error()
    {
        var task = ColourSamples.Task(cache!, samples, work.Root);

        var finish = () => FinishTraining.Run(task, work.At("models"), Stop);

        finish.Should().Throw<InvalidOperationException>().WithMessage("original-0 has 0 epochs; it must have 2 to be finished.*");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<TrainingTask> TrainedAsync(PixelCache pixels, IReadOnlyList<TrainingSample> images, TrainOptions? options = null)
    {
        var task = ColourSamples.Task(pixels, images, work.Root, options: options);
        using var runner = new EpochRunner();
        await runner.RunAsync(task, 1, Stop);
        await runner.RunAsync(task, 2, Stop);
        return task;
    }
}
