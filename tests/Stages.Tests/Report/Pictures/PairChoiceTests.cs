using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Pictures;

namespace Pipeline.Stages.Tests.Report.Pictures;

public sealed class PairChoiceTests
{
    private static readonly JudgedEdit[] Edits =
    [
        .. Enumerable.Range(0, 300).Select(edit => Edit(edit, edit % 2, edit % 3, "too_easy")),
        .. Enumerable.Range(300, 3).Select(edit => Edit(edit, 1, 0, "keep")),
    ];

    [Fact]
    public void Rare_verdicts_are_shown_while_there_is_room()
    {
        var chosen = Choose(Edits, 21, seed: 1);

        chosen.Should().HaveCount(21);
        chosen.Count(edit => edit.Verdict == "keep").Should().Be(3);
        chosen.GroupBy(edit => (edit.Label, edit.PromptIndex, edit.Verdict)).Should().OnlyContain(cell => cell.Count() == 3);
    }

    [Fact]
    public void Choice_does_not_depend_on_order_and_does_on_the_seed()
    {
        var one = Choose(Edits, 10, seed: 1);
        var other = Choose(Edits.AsEnumerable().Reverse(), 10, seed: 1);

        one.Should().Equal(other);
        Choose(Edits, 10, seed: 2).Should().NotEqual(one);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1000, 303)]
    public void Number_is_bounded(int most, int expected)
    {
        var chosen = Choose(Edits, most, seed: 1);

        chosen.Should().HaveCount(expected).And.OnlyHaveUniqueItems();
    }

    private static IReadOnlyList<JudgedEdit> Choose(IEnumerable<JudgedEdit> edits, int most, ulong seed)
    {
        var choice = new PairChoice(most, seed);
        foreach (var edit in edits)
            choice.Add(edit);
        return choice.Chosen;
    }

    private static JudgedEdit Edit(int id, int label, int prompt, string verdict) =>
        new(0, $"s{id}", $"{id:x32}", label, $"class {label}", prompt, "", "", verdict, 0.5, 0.75, null);
}
