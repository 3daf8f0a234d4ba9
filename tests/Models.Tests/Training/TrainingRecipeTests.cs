using Pipeline.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Training;

public sealed class TrainingRecipeTests
{
    public static TheoryData<TrainingRecipe, string?> Bounds =>
        new()
        {
            { new TrainingRecipe(), null },
            {
                new TrainingRecipe { Architecture = "resnet50" },
                null
            },
            {
                new TrainingRecipe { Architecture = "vgg" },
                "architecture is vgg"
            },
            {
                new TrainingRecipe { ImageSize = 32 },
                null
            },
            {
                new TrainingRecipe { ImageSize = 31 },
                "imageSize is 31"
            },
            {
                new TrainingRecipe { ImageSize = 1024 },
                null
            },
            {
                new TrainingRecipe { ImageSize = 1025 },
                "imageSize is 1025"
            },
            {
                new TrainingRecipe { BatchSize = 2 },
                null
            },
            {
                new TrainingRecipe { BatchSize = 1 },
                "batchSize is 1"
            },
            {
                new TrainingRecipe { BatchSize = 4096 },
                null
            },
            {
                new TrainingRecipe { BatchSize = 4097 },
                "batchSize is 4097"
            },
            {
                new TrainingRecipe { LearningRate = 10 },
                null
            },
            {
                new TrainingRecipe { LearningRate = 10.5 },
                "learningRate is 10.5"
            },
            {
                new TrainingRecipe { LearningRate = 0 },
                "learningRate is 0"
            },
            {
                new TrainingRecipe { LearningRate = double.NaN },
                "learningRate is NaN"
            },
            {
                new TrainingRecipe { Momentum = 0 },
                null
            },
            {
                new TrainingRecipe { Momentum = 1 },
                "momentum is 1"
            },
            {
                new TrainingRecipe { Momentum = -0.1 },
                "momentum is -0.1"
            },
            {
                new TrainingRecipe { WeightDecay = 1 },
                null
            },
            {
                new TrainingRecipe { WeightDecay = 1.1 },
                "weightDecay is 1.1"
            },
            {
                new TrainingRecipe { WeightDecay = -1 },
                "weightDecay is -1"
            },
            {
                new TrainingRecipe { SettlingShare = 0 },
                null
            },
            {
                new TrainingRecipe { SettlingShare = -0.1 },
                "settlingShare is -0.1"
            },
            {
                new TrainingRecipe { SettlingShare = 0.99, Epochs = 1 },
                null
            },
            {
                new TrainingRecipe { SettlingShare = 1 },
                "settlingShare is 1"
            },
            {
                new TrainingRecipe { Epochs = 1 },
                null
            },
            {
                new TrainingRecipe { Epochs = 0 },
                "epochs is 0"
            },
            {
                new TrainingRecipe { Epochs = 10_000 },
                null
            },
            {
                new TrainingRecipe { Epochs = 10_001 },
                "epochs is 10001"
            },
            {
                new TrainingRecipe { Threads = 0 },
                "threads is 0"
            },
            {
                new TrainingRecipe { Threads = 256 },
                null
            },
            {
                new TrainingRecipe { Threads = 257 },
                "threads is 257"
            },
            {
                new TrainingRecipe { Milestones = [5, 9] },
                null
            },
            {
                new TrainingRecipe { Milestones = [5, 10] },
                "milestones is [5, 10]"
            },
            {
                new TrainingRecipe { Milestones = [5, 5] },
                "milestones is [5, 5]"
            },
            {
                new TrainingRecipe { Milestones = [0] },
                "milestones is [0]"
            },
            {
                new TrainingRecipe { Schedule = (LearningRateSchedule)9 },
                "schedule is 9"
            },
            {
                new TrainingRecipe { Augmentation = (Augmentation)9 },
                "augmentation is 9"
            },
        };

    [Theory]
    [MemberData(nameof(Bounds), DisableDiscoveryEnumeration = true)]
    public void A_setting_out_of_range_is_named(TrainingRecipe recipe, string? fault)
    {
        var faults = recipe.Faults();

        if (fault is null)
        {
            faults.Should().BeEmpty();
        }
        else
        {
            faults.Should().ContainSingle().Which.Should().StartWith(fault).And.Contain("it must be");
        }
    }

    [Fact]
    public void The_rate_falls_as_the_schedule_says()
    {
        var cosine = new TrainingRecipe { LearningRate = 0.1, Epochs = 4 };
        var steps = cosine with { Schedule = LearningRateSchedule.Steps, Milestones = [1, 3] };

        var cosineRates = Enumerable.Range(0, 5).Select(cosine.LearningRateAt);
        var stepRates = Enumerable.Range(0, 4).Select(steps.LearningRateAt);

        cosineRates.Zip([0.1, 0.0853553, 0.05, 0.0146447, 0]).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-6);
        stepRates.Zip([0.1, 0.01, 0.01, 0.001]).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-12);
    }

    [Fact]
    public void The_rarest_class_weighs_1_and_an_absent_one_0()
    {
        var weights = ClassWeights.ByRarity([10, 40, 0, 20]);

        weights.Should().Equal(1, 0.25f, 0, 0.5f);
    }

    [Fact]
    public void The_loss_is_PyTorchs_weighted_mean_where_targets_are_whole_classes()
    {
        using var scope = NewDisposeScope();
        var logits = randn(6, 3);
        var labels = tensor(new long[] { 0, 2, 1, 1, 0, 2 });
        var weights = tensor(new[] { 1f, 0.25f, 0.5f });

        var ours = WeightedCrossEntropy.Loss(logits, nn.functional.one_hot(labels, 3).to(ScalarType.Float32), weights);

        var theirs = nn.functional.cross_entropy(logits, labels, weights);
        ours.ToSingle().Should().BeApproximately(theirs.ToSingle(), 1e-6f);
    }

    [Theory]
    [InlineData(0, 10, 0)]
    [InlineData(0.5, 10, 5)]
    [InlineData(0.5, 3, 1)]
    [InlineData(0.5, 1, 0)]
    [InlineData(0.99, 10, 9)]
    public void Epochs_of_the_settling_share_are_never_chosen(double share, int epochs, int first)
    {
        var recipe = new TrainingRecipe { SettlingShare = share, Epochs = epochs };

        var chosen = Enumerable.Range(0, epochs).Where(recipe.MayChoose);

        chosen.Should().Equal(Enumerable.Range(first, epochs - first));
    }
}
