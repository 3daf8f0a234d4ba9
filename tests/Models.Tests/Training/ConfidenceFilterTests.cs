using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

public sealed class ConfidenceFilterTests
{
    /// <summary>Three classes with the thresholds 0.5, 0.75 and (no training image) 2.</summary>
    private static readonly double[] Thresholds = [0.5, 0.75, ConfidenceFilter.Absent];

    [Theory]
    // Prediction = assignment = 0, confidence below, at and above the threshold 0.5: both rules say the same.
    [InlineData(0, new[] { 0.4f, 0.3f, 0.3f }, ConfidenceVerdict.Keep, ConfidenceVerdict.Keep)]
    [InlineData(0, new[] { 0.5f, 0.25f, 0.25f }, ConfidenceVerdict.Keep, ConfidenceVerdict.Keep)]
    [InlineData(0, new[] { 0.625f, 0.25f, 0.125f }, ConfidenceVerdict.TooEasy, ConfidenceVerdict.TooEasy)]
    // Assigned 0 (0.5), predicted 1 (0.75): the rules differ between the two thresholds.
    [InlineData(0, new[] { 0.25f, 0.5f, 0.25f }, ConfidenceVerdict.Keep, ConfidenceVerdict.Keep)]
    [InlineData(0, new[] { 0.25f, 0.75f, 0f }, ConfidenceVerdict.Mislabelled, ConfidenceVerdict.Keep)]
    [InlineData(0, new[] { 0.125f, 0.875f, 0f }, ConfidenceVerdict.Mislabelled, ConfidenceVerdict.Mislabelled)]
    // Assigned 1 (0.75), predicted 0 (0.5).
    [InlineData(1, new[] { 0.625f, 0.375f, 0f }, ConfidenceVerdict.Keep, ConfidenceVerdict.Mislabelled)]
    // No training image of class 2: nothing exceeds its threshold.
    [InlineData(2, new[] { 0f, 0f, 1f }, ConfidenceVerdict.Keep, ConfidenceVerdict.Keep)]
    [InlineData(0, new[] { 0f, 0f, 1f }, ConfidenceVerdict.Mislabelled, ConfidenceVerdict.Keep)]
    public void Verdict_follows_confidence_prediction_and_rule(
        int assigned,
        float[] probabilities,
        ConfidenceVerdict byAssigned,
        ConfidenceVerdict byPredicted
    )
    {
        var assignedRule = ConfidenceFilter.Judge(assigned, probabilities, Thresholds, ThresholdRule.Assigned);
        var predictedRule = ConfidenceFilter.Judge(assigned, probabilities, Thresholds, ThresholdRule.Predicted);

        assignedRule.Should().Be(byAssigned);
        predictedRule.Should().Be(byPredicted);
    }

    [Fact]
    public void Of_equal_probabilities_the_lower_class_is_the_prediction()
    {
        var verdict = ConfidenceFilter.Judge(0, [0.5f, 0.5f], [0.4, 0.4], ThresholdRule.Assigned);

        verdict.Should().Be(ConfidenceVerdict.TooEasy);
    }

    [Fact]
    public void Thresholds_are_mean_self_confidences_with_a_floor_and_2_for_an_absent_class()
    {
        float[][] probabilities =
        [
            [0.75f, 0.25f, 0, 0],
            [0.25f, 0.75f, 0, 0],
            [0, 1, 0, 0],
        ];

        var thresholds = ConfidenceFilter.Thresholds(probabilities, [0, 0, 2], 4);

        thresholds.Should().Equal(0.5, 2, 2e-6, 2);
    }

    [Fact]
    public void Rows_and_labels_must_be_equally_many()
    {
        var act = () =>
            ConfidenceFilter.Thresholds(
                [
                    [1f],
                ],
                [0, 0],
                1
            );

        act.Should().Throw<ArgumentException>().WithMessage("*1 rows of probabilities for 2 labels*");
    }
}
