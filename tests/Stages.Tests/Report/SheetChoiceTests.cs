using Pipeline.Stages.Report;
using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Tests.Report;

public sealed class SheetChoiceTests
{
    private static readonly JudgedEdit[] Edits = [.. Enumerable.Range(0, 400).Select(edit => Edit(edit, edit % 40))];

    [Fact]
    public void Choice_is_bounded_and_does_not_depend_on_order()
    {
        var one = Choose(Edits, 1);
        var other = Choose(Edits.AsEnumerable().Reverse(), 1);

        one.Should().HaveCount(8).And.OnlyContain(edits => edits.Count == 6 && edits.DistinctBy(edit => edit.SampleId).Count() == 1);
        one.Should().BeEquivalentTo(other, equal => equal.WithStrictOrdering());
        Choose(Edits, 2)[0][0].SampleId.Should().NotBe(one[0][0].SampleId);
    }

    [Fact]
    public void Edits_without_a_verdict_are_not_shown()
    {
        var chosen = Choose([Edit(0, 0), Edit(1, 0) with { Verdict = null }, Edit(2, 1) with { Verdict = null }], 1);

        chosen.Should().ContainSingle().Which.Should().Equal(Edit(0, 0));
    }

    private static IReadOnlyList<IReadOnlyList<JudgedEdit>> Choose(IEnumerable<JudgedEdit> edits, ulong seed)
    {
        var choice = new SheetChoice(new ReportOptions(), seed);
        foreach (var edit in edits)
            choice.Add(edit);
        return choice.Chosen;
    }

    private static JudgedEdit Edit(int id, int source) =>
        new(0, $"{source:x32}", $"{id + 1000:x32}", 0, "bird", 0, "a {} in fog", "a bird in fog", "keep", 0.5, 0.75, null);
}
