using CsCheck;
using Pipeline.Stages.Select;

namespace Pipeline.Stages.Tests.Select;

public sealed class EditSelectionTests
{
    private static readonly Dictionary<string, IReadOnlyDictionary<int, int>> Counts = new(StringComparer.Ordinal)
    {
        ["train"] = new Dictionary<int, int> { [0] = 10, [1] = 10 },
        ["test_extra"] = new Dictionary<int, int> { [0] = 2, [1] = 30 },
    };

    private static readonly Gen<SelectOptions> AnyOptions = Gen.Select(
        Gen.Int[1, 3],
        OneOf("all", "8", "match:test_extra"),
        Gen.Bool,
        Gen.Bool,
        (perSource, quota, replacement, zero) =>
            new SelectOptions
            {
                PerSource = perSource,
                Quota = quota,
                Replacement = replacement,
                VariantZeroOnly = zero,
            }
    );

    private static readonly Gen<Candidate[]> AnyCandidates = Gen.Select(
            Gen.Int[0, 9],
            Gen.Int[0, 2],
            OneOf("keep", "keep", "too_easy", "mislabelled", "unsafe", "source_duplicates_test", "off_topic", "low_rank")
        )
        .Array[0, 60]
        .Select(cells =>
            cells
                .Select(
                    (cell, index) =>
                        new Candidate($"{cell.Item1:x32}", $"{index + 1000:x32}", cell.Item1 % 2, cell.Item2, index / 7, cell.Item3)
                )
                .ToArray()
        );

    [Fact]
    public void Reasons_told_one_by_one_are_those_that_were_counted() =>
        Gen.Select(AnyCandidates, AnyOptions, Gen.ULong)
            .Sample(
                (candidates, options, seed) =>
                {
                    var result = EditSelection.Choose(candidates, options, seed, Counts);
                    var selected = result.Selected.Select(edit => edit.VariantId).ToHashSet(StringComparer.Ordinal);
                    var bySource = candidates.ToLookup(candidate => candidate.SampleId);

                    var reasons = candidates
                        .Where(candidate => !selected.Contains(candidate.VariantId))
                        .Select(candidate => EditSelection.ReasonOf(candidate, bySource[candidate.SampleId], options, seed))
                        .ToList();

                    foreach (var reason in DropReasons.All)
                        reasons.Count(told => told == reason).Should().Be(result.Dropped.GetValueOrDefault(reason), reason);
                },
                iter: 300
            );

    [Fact]
    public void Order_of_the_candidates_changes_nothing() =>
        Gen.Select(AnyCandidates, AnyOptions, Gen.ULong)
            .SelectMany(some => Gen.Shuffle(some.Item1).Select(shuffled => (some.Item1, some.Item2, some.Item3, shuffled)))
            .Sample(
                (candidates, options, seed, shuffled) =>
                {
                    var one = EditSelection.Choose(candidates, options, seed, Counts);

                    var other = EditSelection.Choose(shuffled, options, seed, Counts);

                    one.Selected.Should().Equal(other.Selected);
                    one.Shortfalls.Should().Equal(other.Shortfalls);
                    one.Dropped.Should().Equal(other.Dropped);
                },
                iter: 300
            );

    [Fact]
    public void Every_candidate_is_selected_or_dropped_with_one_reason() =>
        Gen.Select(AnyCandidates, AnyOptions, Gen.ULong)
            .Sample(
                (candidates, options, seed) =>
                {
                    var result = EditSelection.Choose(candidates, options, seed, Counts);

                    (result.Selected.Distinct().Count() + result.Dropped.Values.Sum()).Should().Be(candidates.Length);
                    result
                        .Selected.Distinct()
                        .GroupBy(edit => edit.SampleId, StringComparer.Ordinal)
                        .Should()
                        .OnlyContain(edits => edits.Count() <= options.PerSource);
                    result.Dropped["too_easy"].Should().Be(candidates.Count(candidate => candidate.Verdict == "too_easy"));
                    result.Selected.Should().BeSubsetOf(candidates.Where(candidate => candidate.Verdict == "keep").Select(Row));
                },
                iter: 300
            );

    [Fact]
    public void One_edit_of_each_source_is_selected_by_seed_and_sorted()
    {
        var candidates = Edits(sources: 40, prompts: 5);

        var one = EditSelection.Choose(candidates, new SelectOptions(), 1, Counts);
        var other = EditSelection.Choose(candidates, new SelectOptions(), 2, Counts);

        one.Selected.Should().HaveCount(40).And.BeInAscendingOrder(edit => edit.Batch);
        one.Selected.Select(edit => edit.SampleId).Should().OnlyHaveUniqueItems();
        one.Dropped["other_edit_chosen"].Should().Be(160);
        one.Selected.Should().NotEqual(other.Selected);
    }

    [Fact]
    public void Later_variants_are_dropped_unless_asked_for()
    {
        Candidate[] candidates = [new("a", "b", 0, 1, 0, "keep")];

        var first = EditSelection.Choose(candidates, new SelectOptions(), 0, Counts);
        var all = EditSelection.Choose(candidates, new SelectOptions { VariantZeroOnly = false }, 0, Counts);

        first.Selected.Should().BeEmpty();
        first.Dropped["not_first_variant"].Should().Be(1);
        all.Selected.Should().Equal(new SelectedEdit("a", "b", 0, 0));
    }

    [Fact]
    public void Number_as_quota_is_balanced_over_the_classes()
    {
        var result = EditSelection.Choose(Edits(40, 1), new SelectOptions { Quota = "21" }, 3, Counts);

        result.Selected.CountBy(edit => edit.Label).Should().BeEquivalentTo(new Dictionary<int, int> { [0] = 10, [1] = 10 });
        result.Dropped["over_quota"].Should().Be(20);
        result.Shortfalls.Should().BeEmpty();
    }

    [Fact]
    public void Class_short_of_a_matched_split_is_reported_and_not_filled()
    {
        var result = EditSelection.Choose(Edits(40, 1), new SelectOptions { Quota = "match:test_extra" }, 3, Counts);

        result.Selected.CountBy(edit => edit.Label).Should().BeEquivalentTo(new Dictionary<int, int> { [0] = 2, [1] = 20 });
        result.Shortfalls.Should().Equal(new Shortfall(1, 30, 20));
    }

    [Fact]
    public void Replacement_fills_a_class_and_still_reports_it()
    {
        var options = new SelectOptions { Quota = "match:test_extra", Replacement = true };

        var result = EditSelection.Choose(Edits(40, 1), options, 3, Counts);

        result.Selected.Count(edit => edit.Label == 1).Should().Be(30);
        result.Selected.Where(edit => edit.Label == 1).Distinct().Should().HaveCount(20);
        result.Shortfalls.Should().Equal(new Shortfall(1, 30, 20));
    }

    [Theory]
    [InlineData("match:other", "*'other'*test_extra, train*")]
    [InlineData("1", "*1 edits for 2 classes*")]
    public void Quota_that_does_not_fit_the_splits_is_an_error(string quota, string message)
    {
        var choosing = () => EditSelection.Choose([], new SelectOptions { Quota = quota }, 0, Counts);

        choosing.Should().Throw<ArgumentException>().WithMessage(message);
    }

    [Fact]
    public void Variant_that_is_there_twice_or_has_no_known_verdict_is_an_error()
    {
        Candidate kept = new("a", "b", 0, 0, 0, "keep");

        var twice = () => EditSelection.Choose([kept, kept], new SelectOptions(), 0, Counts);
        var unknown = () => EditSelection.Choose([kept with { Verdict = "fine" }], new SelectOptions(), 0, Counts);

        twice.Should().Throw<ArgumentException>().WithMessage("*twice*");
        unknown.Should().Throw<ArgumentException>().WithMessage("*'fine'*");
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static SelectedEdit Row(Candidate candidate) => new(candidate.SampleId, candidate.VariantId, candidate.Batch, candidate.Label);

    private static Candidate[] Edits(int sources, int prompts) =>
        [
            .. from source in Enumerable.Range(0, sources)
            from prompt in Enumerable.Range(0, prompts)
            select new Candidate($"{source:x32}", $"{(source * 100) + prompt:x32}", source % 2, 0, source / 8, "keep"),
        ];
}
