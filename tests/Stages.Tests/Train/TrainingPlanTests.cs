using Pipeline.Stages.Train;

namespace Pipeline.Stages.Tests.Train;

public sealed class TrainingPlanTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(32, 1)]
    [InlineData(33, 2)]
    [InlineData(240, 8)]
    public void Steps_are_those_of_one_pass_over_the_originals_rounded_up(int originals, int expected)
    {
        var options = new TrainOptions { Batch = 32 };

        var plan = TrainingPlan.Of(options, originals);

        plan.StepsPerEpoch.Should().Be(expected);
    }

    [Fact]
    public void Every_training_and_seed_takes_equal_steps()
    {
        var options = new TrainOptions { Trainings = TrainingNames.All, Seeds = 2 };
        var plan = TrainingPlan.Of(options, 100);

        var setups = plan.Trainings.Select(planned => plan.Setup(options, planned, classes: 2, runSeed: 0)).ToList();

        setups.Should().HaveCount(8);
        setups.Select(setup => (setup.StepsPerEpoch, setup.Recipe.Epochs)).Distinct().Should().ContainSingle();
    }

    [Fact]
    public void Trainings_are_listed_in_the_options_order_and_by_seed()
    {
        var options = new TrainOptions { Trainings = ["original+kept", "original"], Seeds = 2 };

        var plan = TrainingPlan.Of(options, 10);

        plan.Trainings.Select(planned => planned.Name).Should().Equal("original+kept-0", "original+kept-1", "original-0", "original-1");
    }

    [Fact]
    public void Trainings_of_one_seed_share_their_draws_and_those_of_another_do_not()
    {
        var options = new TrainOptions { Seeds = 2 };
        var plan = TrainingPlan.Of(options, 10);

        var seeds = plan.Trainings.Select(planned => plan.Setup(options, planned, 2, runSeed: 3).Seed).ToList();
        var otherRun = plan.Setup(options, plan.Trainings[0], 2, runSeed: 4).Seed;

        seeds[0].Should().Be(seeds[2]).And.NotBe(seeds[1]).And.NotBe(otherRun);
    }

    [Fact]
    public void Word_scratch_is_no_file()
    {
        var options = new TrainOptions { Init = "scratch" };
        var plan = TrainingPlan.Of(options, 10);

        var setup = plan.Setup(options, plan.Trainings[0], 2, runSeed: 0);

        setup.InitialWeights.Should().BeNull();
    }

    [Fact]
    public void No_training_image_is_an_error()
    {
        var plan = () => TrainingPlan.Of(new TrainOptions(), 0);

        plan.Should().Throw<InvalidDataException>().WithMessage("The training split has 0 images; it must have at least 1.*");
    }
}
