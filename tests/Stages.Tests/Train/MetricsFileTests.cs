using Pipeline.Stages.Train;

namespace Pipeline.Stages.Tests.Train;

public sealed class MetricsFileTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public void Rows_come_back_sorted_by_training_split_and_seed()
    {
        MetricsRow[] rows =
        [
            Row("original+kept", "test", 0),
            Row("original", "test", 10),
            Row("original", "test", 9),
            Row("original", "test_a", 0),
        ];

        MetricsFile.Write(work.At("metrics.json"), rows);

        var read = MetricsFile.Read(work.At("metrics.json"));
        read.Should().BeEquivalentTo([rows[2], rows[1], rows[3], rows[0]], options => options.WithStrictOrdering());
    }

    [Fact]
    public void Merging_needs_every_planned_training()
    {
        var plan = new TrainingPlan([new("original", 0), new("original", 1)], 1, 1);
        MetricsFile.Write(TrainingFolder.MetricsPath(work.Root, plan.Trainings[0]), [Row("original", "test", 0)]);

        var merge = () => MetricsFile.Merge(work.Root, plan, work.At("report", "metrics.json"));

        merge.Should().Throw<FileNotFoundException>();
        MetricsFile.Write(TrainingFolder.MetricsPath(work.Root, plan.Trainings[1]), [Row("original", "test", 1)]);
        merge().Select(row => row.Seed).Should().Equal(0, 1);
    }

    [Fact]
    public void Broken_file_is_named()
    {
        File.WriteAllText(work.At("metrics.json"), "[{}]");

        var read = () => MetricsFile.Read(work.At("metrics.json"));

        read.Should().Throw<InvalidDataException>().WithMessage($"{work.At("metrics.json")} is not what the train stage writes*");
    }

    [Fact]
    public void Seed_of_original_and_kept_with_the_best_validation_accuracy_is_chosen()
    {
        MetricsRow[] rows =
        [
            Row("original", "validation", 0, 0.99),
            Row("original+kept", "validation", 0, 0.7),
            Row("original+kept", "validation", 1, 0.8),
            Row("original+kept", "validation", 2, 0.8),
            Row("original+kept", "test", 0, 1),
        ];

        var chosen = FinishTraining.Choose(Plan("original", "original+kept"), rows);

        chosen.Should().Be(new PlannedTraining("original+kept", 1));
    }

    [Fact]
    public void Without_kept_a_seed_of_original_is_chosen_and_never_a_baseline()
    {
        MetricsRow[] rows =
        [
            Row("original", "validation", 0, 0.1),
            Row("original", "validation", 1, 0.2),
            Row("original+cutmix", "validation", 0, 1),
        ];

        var chosen = FinishTraining.Choose(Plan("original+cutmix", "original"), rows);

        chosen.Should().Be(new PlannedTraining("original", 1));
    }

    [Fact]
    public void Without_any_scores_the_lowest_seed_is_chosen()
    {
        var chosen = FinishTraining.Choose(Plan("original", "original+kept"), []);

        chosen.Should().Be(new PlannedTraining("original+kept", 0));
    }

    [Fact]
    public void Without_validation_the_lowest_seed_is_chosen_and_the_test_has_no_say()
    {
        MetricsRow[] rows = [Row("original+kept", "test", 1, 1), Row("original+kept", "test", 0, 0)];

        var chosen = FinishTraining.Choose(Plan("original", "original+kept"), rows);

        chosen.Seed.Should().Be(0);
    }

    [Fact]
    public void Chosen_model_is_copied_whole()
    {
        Directory.CreateDirectory(work.At("models", "original-1"));
        File.WriteAllText(work.At("models", "original-1", "model.safetensors"), "weights");
        File.WriteAllText(work.At("models", "original-1", "config.json"), "config");
        File.WriteAllText(work.At("models", "original-1", "README.md"), "card");

        FinishTraining.CopyChosen(Plan("original"), [Row("original", "validation", 1)], work.At("models"), work.At("model"));

        File.ReadAllText(work.At("model", "model.safetensors")).Should().Be("weights");
        File.ReadAllText(work.At("model", "config.json")).Should().Be("config");
        File.ReadAllText(work.At("model", "README.md")).Should().Be("card");
        Directory.GetFiles(work.At("model")).Should().HaveCount(3);
    }

    private static TrainingPlan Plan(params string[] trainings) =>
        TrainingPlan.Of(new TrainOptions { Trainings = trainings, Seeds = 3 }, 10);

    private static MetricsRow Row(string training, string split, int seed, double accuracy = 0.5) =>
        new()
        {
            Training = training,
            Split = split,
            Seed = seed,
            Accuracy = accuracy,
            BalancedAccuracy = 0.25,
            WorstGroup = 0.125,
            MacroF1 = 0.375,
            PerClass = new Dictionary<string, double?> { ["red"] = 0.5, ["green"] = null },
            PerGroup = new Dictionary<string, double> { ["red/land"] = 0.5 },
            WorstGroupName = "red/land",
            Images = 4,
            Init = "scratch",
            Epochs = 2,
            SelectedEpoch = 1,
            SelectedBy = "validation accuracy",
        };
}
