using Pipeline.Models.Images;
using Pipeline.Models.Training;
using Pipeline.Sdk;
using Pipeline.Stages.Train;

namespace Pipeline.Stages.Tests.Train;

public sealed class TrainOptionsTests
{
    public static TheoryData<TrainOptions> Good() =>
        new()
        {
            new TrainOptions(),
            new TrainOptions() { Recipe = "alia", Init = "scratch" },
            new TrainOptions() { Architecture = "resnet50" },
            new TrainOptions() { ImageSize = 32 },
            new TrainOptions() { ImageSize = 1024 },
            new TrainOptions() { Resize = ResizeQuality.Scaled },
            new TrainOptions() { Resize = ResizeQuality.Bicubic },
            new TrainOptions() { Batch = 2 },
            new TrainOptions() { Batch = 4096 },
            new TrainOptions() { Epochs = 1 },
            new TrainOptions() { Epochs = 10_000 },
            new TrainOptions() { LearningRate = 1e-9 },
            new TrainOptions() { LearningRate = 10 },
            new TrainOptions() { Augmentation = "cutmix" },
            new TrainOptions() { Seeds = 1 },
            new TrainOptions() { Seeds = 100 },
            new TrainOptions() { Trainings = TrainingNames.All },
            new TrainOptions() { Trainings = ["original+cutmix", "original"] },
            new TrainOptions() { Threads = 1 },
            new TrainOptions() { Threads = 256 },
            new TrainOptions() { Device = "cuda" },
        };

    public static TheoryData<string, TrainOptions> Bad() =>
        new()
        {
            {
                "train.recipe is large; it must be small or alia.",
                new() { Recipe = "large" }
            },
            {
                "train.architecture is vgg; it must be resnet18 or resnet50.",
                new() { Architecture = "vgg" }
            },
            {
                "train.imageSize is 31; it must be between 32 and 1024 pixels.",
                new() { ImageSize = 31 }
            },
            {
                "train.imageSize is 1025;",
                new() { ImageSize = 1025 }
            },
            {
                "train.resize is 3; it must be scaled, bilinear or bicubic.",
                new() { Resize = (ResizeQuality)3 }
            },
            {
                "train.batch is 1; it must be between 2 and 4096 images.",
                new() { Batch = 1 }
            },
            {
                "train.batch is 4097;",
                new() { Batch = 4097 }
            },
            {
                "train.epochs is 0; it must be between 1 and 10000 epochs.",
                new() { Epochs = 0 }
            },
            {
                "train.epochs is 10001;",
                new() { Epochs = 10_001 }
            },
            {
                "train.learningRate is 0; it must be more than 0 and at most 10.",
                new() { LearningRate = 0 }
            },
            {
                "train.learningRate is 10.5;",
                new() { LearningRate = 10.5 }
            },
            {
                "train.learningRate is NaN;",
                new() { LearningRate = double.NaN }
            },
            {
                "train.augmentation is flip; it must be none, randaugment or cutmix.",
                new() { Augmentation = "flip" }
            },
            {
                "train.seeds is 0; it must be between 1 and 100 repetitions.",
                new() { Seeds = 0 }
            },
            {
                "train.seeds is 101;",
                new() { Seeds = 101 }
            },
            {
                "train.trainings is [];",
                new() { Trainings = [] }
            },
            {
                "train.trainings is [kept];",
                new() { Trainings = ["kept"] }
            },
            {
                "train.trainings is [original+kept]; it must be a list of original, original+kept, original+randaugment, original+cutmix, each at most once, the first always.",
                new() { Trainings = ["original+kept"] }
            },
            {
                "train.trainings is [original, original];",
                new() { Trainings = ["original", "original"] }
            },
            {
                "train.threads is 0; it must be between 1 and 256 threads.",
                new() { Threads = 0 }
            },
            {
                "train.threads is 257;",
                new() { Threads = 257 }
            },
            {
                "train.device is mps; it must be cpu or cuda.",
                new() { Device = "mps" }
            },
            {
                "train.init is missing; the recipe alia must start from published weights.",
                new() { Recipe = "alia" }
            },
            {
                "train.init is /no/such/file, and no file is there;",
                new() { Init = "/no/such/file" }
            },
        };

    [Theory]
    [MemberData(nameof(Good))]
    public void Values_within_their_ranges_have_no_fault(TrainOptions options)
    {
        var faults = options.Faults("train");

        faults.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Value_out_of_range_is_named_with_what_it_must_be(string begin, TrainOptions options)
    {
        var faults = options.Faults("train").ToList();

        faults.Should().ContainSingle().Which.Should().StartWith(begin);
    }

    [Fact]
    public void A_file_that_is_no_safetensors_is_told_before_anything_runs()
    {
        using var work = new WorkFolder();
        File.WriteAllText(work.At("weights.pth"), "a pickle, 100 bytes or so: not a length and a header of JSON");

        var fault = new TrainOptions { Init = work.At("weights.pth") }
            .Faults("train")
            .Single();

        fault
            .Should()
            .StartWith($"train.init is {work.At("weights.pth")}, and the file cannot be read (")
            .And.Contain("it must be a safetensors file or scratch");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("scratch")]
    [InlineData("/weights")]
    public void The_weights_are_a_file_whose_bytes_count(string? init)
    {
        IStageOptions options = new TrainOptions { Init = init };

        var files = options.Files;

        files.Should().Equal(init == "/weights" ? ["/weights"] : []);
    }

    [Fact]
    public void Alia_without_weights_is_told_both_ways_out()
    {
        var options = new TrainOptions { Recipe = "alia" };

        var fault = options.Faults("train").Single();

        fault.Should().Contain("train.init=PATH").And.Contain("train.init=scratch");
    }

    [Theory]
    [InlineData("small", null, ResizeQuality.Scaled)]
    [InlineData("alia", null, ResizeQuality.Bilinear)]
    [InlineData("alia", ResizeQuality.Bicubic, ResizeQuality.Bicubic)]
    [InlineData("small", ResizeQuality.Bilinear, ResizeQuality.Bilinear)]
    public void Resizing_is_the_recipes_unless_it_is_set(string recipe, ResizeQuality? set, ResizeQuality wanted)
    {
        var resolved = TrainRecipes.Resolve(new TrainOptions { Recipe = recipe, Resize = set });

        resolved.Resize.Should().Be(wanted);
    }

    [Fact]
    public void All_faults_are_listed_at_once()
    {
        var options = new TrainOptions
        {
            Batch = 1,
            Seeds = 0,
            Device = "tpu",
        };

        var faults = options.Faults("train");

        faults.Should().HaveCount(3);
    }

    [Fact]
    public void Both_recipes_are_ones_that_the_trainer_takes()
    {
        var recipes = new[] { "small", "alia" }.Select(name => TrainRecipes.Resolve(new TrainOptions { Recipe = name }));

        recipes.SelectMany(recipe => recipe.Faults()).Should().BeEmpty();
    }

    [Fact]
    public void Alia_is_the_published_recipe()
    {
        var recipe = TrainRecipes.Resolve(new TrainOptions { Recipe = "alia" });

        recipe
            .Should()
            .BeEquivalentTo(
                new TrainingRecipe
                {
                    Architecture = "resnet50",
                    ImageSize = 224,
                    Resize = ResizeQuality.Bilinear,
                    BatchSize = 128,
                    LearningRate = 0.001,
                    Momentum = 0.9,
                    WeightDecay = 1e-4,
                    Epochs = 100,
                    Schedule = LearningRateSchedule.Cosine,
                    ClassWeights = true,
                    Normalise = true,
                    Augmentation = Augmentation.None,
                    Flip = false,
                    Threads = 2,
                }
            );
    }

    [Fact]
    public void Every_override_reaches_the_recipe()
    {
        var options = new TrainOptions
        {
            Architecture = "resnet50",
            ImageSize = 96,
            Batch = 7,
            Epochs = 3,
            LearningRate = 0.5,
            Augmentation = "randaugment",
            ClassWeights = false,
            Normalise = false,
            Threads = 5,
        };

        var recipe = TrainRecipes.Resolve(options);

        (recipe.Architecture, recipe.ImageSize, recipe.BatchSize, recipe.Epochs, recipe.LearningRate)
            .Should()
            .Be(("resnet50", 96, 7, 3, 0.5));
        (recipe.Augmentation, recipe.ClassWeights, recipe.Normalise, recipe.Threads)
            .Should()
            .Be((Augmentation.RandAugment, false, false, 5));
    }

    [Theory]
    [InlineData("original", Augmentation.None)]
    [InlineData("original+kept", Augmentation.None)]
    [InlineData("original+randaugment", Augmentation.RandAugment)]
    [InlineData("original+cutmix", Augmentation.CutMix)]
    public void Name_of_a_baseline_sets_its_augmentation(string training, Augmentation expected)
    {
        var recipe = TrainRecipes.For(new TrainOptions(), training);

        recipe.Augmentation.Should().Be(expected);
    }
}
