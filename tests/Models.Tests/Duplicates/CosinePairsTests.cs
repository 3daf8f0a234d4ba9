using Pipeline.Models.Duplicates;

namespace Pipeline.Models.Tests.Duplicates;

public sealed class CosinePairsTests
{
    private const int Width = 24;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1024)]
    public void All_pairs_over_the_line_are_found_once_whatever_the_block(int block)
    {
        var rows = Clustered(300, seed: 4);

        var found = CosinePairs.Find(new SingleRows(rows, Width), 0.96f, block, CancellationToken.None).ToArray();

        found.Select(pair => (pair.First, pair.Second)).Order().Should().Equal(Oracle(rows, 0.96));
        found.Should().OnlyContain(pair => Math.Abs(pair.Cosine - Cosine(rows, pair.First, pair.Second)) < 1e-6);
    }

    [Fact]
    public void Rows_of_f16_give_the_pairs_of_their_own_values()
    {
        var halves = Clustered(200, seed: 5).Select(value => (Half)value).ToArray();
        var singles = halves.Select(value => (float)value).ToArray();

        var found = CosinePairs.Find(halves, Width, 0.9f, CancellationToken.None);

        found.Should().Equal(CosinePairs.Find(singles, Width, 0.9f, CancellationToken.None));
        found.Should().NotBeEmpty();
    }

    [Fact]
    public void A_cosine_at_the_line_is_found_and_one_below_is_not()
    {
        // 0.96 and 0.28 make a row of length 1, so that its cosine with the first axis is the float nearest to 0.96.
        float[] rows = [1, 0, 0.96f, 0.28f];
        var cosine = (float)(0.96f / Math.Sqrt((double)0.96f * 0.96f + (double)0.28f * 0.28f));

        CosinePairs.Find(rows, 2, cosine, CancellationToken.None).Should().Equal(new CosinePair(0, 1, cosine));
        CosinePairs.Find(rows, 2, MathF.BitIncrement(cosine), CancellationToken.None).Should().BeEmpty();
    }

    [Fact]
    public void Zeros_are_near_to_nothing_and_length_does_not_matter()
    {
        float[] rows = [0, 0, 0, 0, 3, 4, 30, 40];

        CosinePairs.Find(rows, 2, 0.5f, CancellationToken.None).Should().Equal(new CosinePair(2, 3, 1));
    }

    [Fact]
    public void The_bound_is_never_under_the_cosine()
    {
        var rows = new SingleRows(Clustered(200, seed: 6), Width);
        using var bounds = new CosineBounds(rows, 64);

        for (var first = 0; first < 200; first += 64)
        {
            using var most = bounds.Of(0, first);
            var values = most.data<float>().ToArray();
            for (var one = 0; one < 64; one++)
            {
                for (var other = first; other < Math.Min(first + 64, 200); other++)
                {
                    values[one * 64 + other - first].Should().BeGreaterThanOrEqualTo(rows.Cosine(one, other) - 1e-5f);
                }
            }
        }
    }

    [Fact]
    public void Rows_that_are_nearly_all_alike_are_found_by_whole_products()
    {
        var random = new Random(8);
        var rows = Enumerable.Range(0, 150 * Width).Select(at => 1 + 0.02f * (random.NextSingle() - 0.5f)).ToArray();

        CosinePairs.Find(new SingleRows(rows, Width), 0.96f, 64, CancellationToken.None).Should().HaveCount(150 * 149 / 2);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(4, 1)]
    public void No_row_one_row_and_rows_of_one_value_are_searched_too(int count, int width)
    {
        var rows = Enumerable.Repeat(1f, count * width).ToArray();

        CosinePairs.Find(rows, width, 0.96f, CancellationToken.None).Should().HaveCount(count * (count - 1) / 2);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_named()
    {
        var find = () => CosinePairs.Find(new[] { 1f, 0, float.NaN, 1 }, 2, 0.96f, CancellationToken.None).ToArray();

        find.Should().Throw<InvalidDataException>().WithMessage("Embedding 1 holds a value that is not finite*");
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1.01f)]
    [InlineData(float.NaN)]
    public void A_cosine_out_of_range_is_refused(float least)
    {
        var find = () => CosinePairs.Find(new float[4], 2, least, CancellationToken.None);

        find.Should().Throw<ArgumentException>().WithMessage("*over 0 and at most 1*");
    }

    [Fact]
    public void Rows_that_are_not_whole_are_refused()
    {
        var find = () => CosinePairs.Find(new float[5], 2, 0.96f, CancellationToken.None);

        find.Should().Throw<ArgumentException>().WithMessage("*5 values for a dimension of 2*");
    }

    private static IEnumerable<(int, int)> Oracle(float[] rows, double least) =>
        from one in Enumerable.Range(0, rows.Length / Width)
        from two in Enumerable.Range(0, rows.Length / Width)
        where one < two && Cosine(rows, one, two) >= least
        select (one, two);

    private static double Cosine(float[] rows, int one, int two)
    {
        var (a, b) = (rows.Skip(one * Width).Take(Width), rows.Skip(two * Width).Take(Width));
        return a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y));
    }

    private static float[] Clustered(int count, int seed)
    {
        var random = new Random(seed);
        var rows = new float[count * Width];
        for (var index = 0; index < count; index++)
        {
            var like = index < 20 ? -1 : random.Next(20);
            for (var place = 0; place < Width; place++)
            {
                var noise = (float)(random.NextDouble() - 0.5);
                rows[index * Width + place] = like < 0 ? noise : rows[like * Width + place] + 0.3f * noise;
            }
        }

        return rows;
    }
}
