using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

public sealed class EvaluationScoresTests
{
    private static readonly string[] Names = ["cat", "dog", "owl"];

    [Fact]
    public void Scores_are_those_of_the_hand_computation()
    {
        // cat: 3 of 4 right, one taken for dog; dog: 1 of 2 right, one taken for owl; owl: no image.
        int[] labels = [0, 0, 0, 0, 1, 1];
        int[] predictions = [0, 0, 0, 1, 1, 2];
        string[] groups = ["day", "day", "night", "night", "day", ""];

        var scores = EvaluationScores.Of(labels, predictions, Names, groups);

        scores.Accuracy.Should().BeApproximately(4.0 / 6, 1e-12);
        scores.BalancedAccuracy.Should().BeApproximately((0.75 + 0.5) / 2, 1e-12);
        scores.MacroF1.Should().BeApproximately((6.0 / 7 + 2.0 / 4) / 2, 1e-12);
        scores.Confusion.Select(row => string.Join(' ', row)).Should().Equal("3 1 0", "0 1 1", "0 0 0");
        scores
            .PerClass.Should()
            .Equal(new ClassScore("cat", 4, 0.75, 6.0 / 7), new ClassScore("dog", 2, 0.5, 0.5), new ClassScore("owl", 0, null, null));
        scores
            .PerGroup.Should()
            .Equal(new GroupScore("cat", "day", 2, 1), new GroupScore("cat", "night", 2, 0.5), new GroupScore("dog", "day", 1, 1));
        scores.WorstGroup.Should().Be(new GroupScore("cat", "night", 2, 0.5));
    }

    [Fact]
    public void Without_groups_there_is_no_worst_group()
    {
        var scores = EvaluationScores.Of([0, 1], [0, 1], Names);

        (scores.Accuracy, scores.BalancedAccuracy, scores.MacroF1).Should().Be((1, 1, 1));
        scores.PerGroup.Should().BeEmpty();
        scores.WorstGroup.Should().BeNull();
    }

    [Fact]
    public void Of_equally_bad_groups_the_first_is_the_worst()
    {
        var scores = EvaluationScores.Of([1, 0], [0, 1], Names, ["b", "a"]);

        scores.WorstGroup.Should().Be(new GroupScore("cat", "a", 1, 0));
    }

    [Fact]
    public void No_image_and_lists_of_different_length_are_refused()
    {
        var empty = () => EvaluationScores.Of([], [], Names);
        var unequal = () => EvaluationScores.Of([0], [0], Names, []);

        empty.Should().Throw<InvalidDataException>().WithMessage("*0 labels*at least one image*");
        unequal.Should().Throw<InvalidDataException>().WithMessage("*0 groups*");
    }
}
