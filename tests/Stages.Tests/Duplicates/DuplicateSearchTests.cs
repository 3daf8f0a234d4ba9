using Pipeline.Stages.Duplicates;

namespace Pipeline.Stages.Tests.Duplicates;

public sealed class DuplicateSearchTests
{
    private static readonly DuplicatesOptions Options = new();

    private static SoughtImage Image(string sample, string split, ulong hash, string? variant = null, params float[] embedding) =>
        new(sample, variant, split, hash, embedding.Length == 0 ? null : [.. embedding.Select(value => (Half)value)]);

    private static (IReadOnlyList<DuplicateRow> Rows, DuplicatesSummary Summary) Find(params SoughtImage[] images) =>
        DuplicateSearch.Find(images, Options, CancellationToken.None);

    [Fact]
    public void A_training_image_that_looks_like_a_test_image_is_dropped_and_the_test_image_stays()
    {
        var (rows, summary) = Find(Image("a", "train", 0), Image("b", "test", 0b111111), Image("c", "train", ulong.MaxValue));

        rows.Should().HaveCount(2);
        rows[0].Should().Be(new DuplicateRow("a", null, "duplicates_test", 0, "train", "b", null, "test", 6, null));
        rows[1].Verdict.Should().Be("keep");
        (summary.AcrossSplits, summary.WithinTraining, summary.DroppedSamples, summary.DroppedEdits).Should().Be((1, 0, 1, 0));
    }

    [Fact]
    public void Seven_bits_are_no_duplicate()
    {
        var (rows, _) = Find(Image("a", "train", 0), Image("b", "test", 0b1111111));

        rows.Should().BeEmpty();
    }

    [Fact]
    public void An_edit_its_source_and_its_siblings_are_no_duplicates_of_each_other()
    {
        var (rows, summary) = Find(Image("a", "train", 0), Image("a", "train", 0, "v1"), Image("a", "train", 0, "v2"));

        rows.Should().BeEmpty();
        summary.WithinTraining.Should().Be(0);
    }

    [Fact]
    public void An_edit_that_looks_like_a_test_image_is_dropped_for_itself()
    {
        var (rows, summary) = Find(Image("a", "train", 0), Image("a", "train", ulong.MaxValue, "v1"), Image("b", "test", ulong.MaxValue));

        rows.Select(row => (row.SampleId, row.VariantId, row.Verdict)).Should().Equal(("a", "v1", "duplicates_test"), ("b", null, "keep"));
        (summary.DroppedSamples, summary.DroppedEdits).Should().Be((0, 1));
    }

    [Fact]
    public void Duplicates_within_training_are_told_and_stay()
    {
        var (rows, summary) = Find(Image("a", "train", 5), Image("b", "train", 5));

        rows.Should().OnlyContain(row => row.Verdict == "keep" && row.Group == 0);
        summary.WithinTraining.Should().Be(1);
    }

    [Fact]
    public void Embeddings_find_what_hashes_do_not_and_a_pair_that_both_find_counts_once()
    {
        var (rows, summary) = Find(
            Image("a", "train", 0, null, 1, 0),
            Image("b", "test", ulong.MaxValue, null, 0.98f, 0.199f),
            Image("c", "test", 1, null, 1, 0.01f),
            Image("d", "test", 0x00ff00ff00ff00ff, null, 0, 1)
        );

        rows.Select(row => row.SampleId).Should().Equal("a", "b", "c");
        rows[0].Verdict.Should().Be("duplicates_test");
        rows[1].Cosine.Should().BeGreaterThan(0.96f);
        summary.AcrossSplits.Should().Be(2);
        summary.OutsideTraining.Should().Be(1);
        summary.Embedded.Should().Be(4);
    }

    [Fact]
    public void The_order_of_the_images_changes_nothing()
    {
        SoughtImage[] images =
        [
            .. Enumerable
                .Range(0, 60)
                .Select(at => Image($"{at % 20:d3}", at % 20 < 12 ? "train" : "test", (ulong)(at % 9) * 3, at < 20 ? null : $"v{at}")),
        ];
        var turned = images.Reverse().ToArray();

        var one = Find(images);
        var two = Find(turned);

        two.Rows.Should().Equal(one.Rows);
        two.Summary.Should().Be(one.Summary);
    }

    [Fact]
    public void Nothing_is_dropped_where_that_is_asked()
    {
        var (rows, summary) = DuplicateSearch.Find(
            [Image("a", "train", 0), Image("b", "test", 0)],
            Options with
            {
                Drop = false,
            },
            CancellationToken.None
        );

        rows.Should().HaveCount(2).And.OnlyContain(row => row.Verdict == "keep");
        summary.AcrossSplits.Should().Be(1);
    }
}
