using CsCheck;
using Pipeline.Models.Quality;

namespace Pipeline.Models.Tests.Quality;

public sealed class KnnGiqaTests
{
    private const string Encoder = "clip ViT-B/32 224 quick_gelu";

    [Fact]
    public void Scores_are_those_of_the_formula_for_every_width_and_K()
    {
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 9], Gen.Int[0, 10_000])
            .Sample(
                (width, neighbours, seed) =>
                {
                    var rows = Rows(150 + seed % 100, width, seed);
                    var giqa = new KnnGiqa(Encoder, rows, neighbours);
                    var queries = Rows(7, width, seed + 1);

                    var scores = giqa.ScoreAll(queries, CancellationToken.None);

                    for (var query = 0; query < queries.Count; query++)
                    {
                        var want = Oracle(queries[query], rows, neighbours);
                        Assert.InRange(scores[query], want * (1 - 1e-4), want * (1 + 1e-4));
                        Assert.Equal(giqa.Score(queries[query]), scores[query]);
                    }
                },
                iter: 40,
                threads: 1
            );
    }

    [Fact]
    public void An_image_that_is_a_reference_has_a_million_a_neighbour()
    {
        var rows = Rows(100, 16, 1);

        var giqa = new KnnGiqa(Encoder, rows);

        giqa.Score(rows[42]).Should().Be(1e6f);
    }

    [Fact]
    public void The_percentile_is_the_rank_among_the_references_each_against_the_others()
    {
        var rows = Rows(300, 8, 2);
        var giqa = new KnnGiqa(Encoder, rows);
        var own = rows.Select((row, index) => Oracle(row, [.. rows.Where((_, other) => other != index)], 1)).Order().ToArray();

        giqa.Percentile((float)own[0] / 2).Should().Be(0);
        giqa.Percentile((float)own[^1] * 2).Should().Be(100);
        giqa.Percentile((float)((own[149] + own[150]) / 2)).Should().Be(50);
    }

    [Theory]
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void Under_100_references_are_an_error(int count, bool refused)
    {
        var make = () => new KnnGiqa(Encoder, Rows(count, 4, 3));

        if (refused)
        {
            make.Should().Throw<InvalidDataException>().WithMessage("*are 99; there must be at least 100*");
        }
        else
        {
            make.Should().NotThrow();
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(99, false)]
    [InlineData(100, true)]
    public void K_is_1_to_99(int neighbours, bool refused)
    {
        var make = () => new KnnGiqa(Encoder, Rows(100, 4, 3), neighbours);

        if (refused)
        {
            make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*must be 1 to 99*");
        }
        else
        {
            make.Should().NotThrow();
        }
    }

    [Fact]
    public void A_length_or_a_value_that_does_not_fit_is_named()
    {
        var giqa = new KnnGiqa(Encoder, Rows(100, 4, 3));

        giqa.Invoking(giqa => giqa.Score(new float[5])).Should().Throw<InvalidDataException>().WithMessage("*5 values; it must have 4*");
        giqa.Invoking(giqa => giqa.Score([0, float.NaN, 0, 0])).Should().Throw<InvalidDataException>().WithMessage("*not finite*");
    }

    [Fact]
    public void Equal_scores_count_half_in_a_rank()
    {
        var ranks = new RankPercentile([1, 2, 2, 3]);

        ranks.Of(2).Should().Be(50);
        ranks.Of(1).Should().Be(12.5f);
        ranks.Of(9).Should().Be(100);
    }

    private static double Oracle(float[] query, IReadOnlyList<float[]> rows, int neighbours) =>
        rows.Select(row => row.Zip(query, (a, b) => Math.Abs((double)a - b)).Sum()).Order().Take(neighbours).Sum(distance => 1 / distance);

    private static List<float[]> Rows(int count, int width, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray()),
        ];
    }
}
