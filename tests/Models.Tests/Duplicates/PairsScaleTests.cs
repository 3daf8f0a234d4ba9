using System.Diagnostics;
using System.Numerics;
using Pipeline.Models.Duplicates;

namespace Pipeline.Models.Tests.Duplicates;

/// <summary>The searches at the sizes of large data sets; the time is told, and only what is found is judged.</summary>
public sealed class PairsScaleTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Form", "Long")]
    public void A_million_hashes_give_every_planted_pair()
    {
        const int Planted = 1_000;
        var random = new Random(1);
        var hashes = Enumerable.Range(0, 1_000_000).Select(_ => ((ulong)random.NextInt64() << 1) ^ (ulong)random.NextInt64()).ToArray();
        for (var index = 0; index < Planted; index++)
        {
            hashes[500_000 + index] =
                hashes[index] ^ Enumerable.Range(0, index % 7).Aggregate(0UL, (mask, bit) => mask | 1UL << (index + 11 * bit) % 64);
        }

        var watch = Stopwatch.StartNew();
        var found = HammingPairs.Find(hashes, 6, CancellationToken.None).Select(pair => (pair.First, pair.Second)).ToHashSet();

        output.WriteLine($"{found.Count} pairs among {hashes.Length} hashes in {watch.Elapsed.TotalSeconds:F1} s");
        Enumerable.Range(0, Planted).Should().OnlyContain(index => found.Contains(new(index, 500_000 + index)));
        found.Should().OnlyContain(pair => BitOperations.PopCount(hashes[pair.First] ^ hashes[pair.Second]) <= 6);
    }

    [Fact]
    [Trait("Form", "Long")]
    public void A_hundred_thousand_embeddings_of_512_values_give_every_planted_pair()
    {
        const int Count = 100_000;
        const int Width = 512;
        const int Planted = 1_000;
        var random = new Random(2);
        var rows = new Half[Count * Width];
        for (var at = 0; at < rows.Length; at++)
        {
            rows[at] = (Half)(random.NextSingle() - 0.5f);
        }

        for (var index = 0; index < Planted; index++)
        {
            rows.AsSpan(index * Width, Width).CopyTo(rows.AsSpan((50_000 + index) * Width));
            // One value that is moved far takes the cosine to about 0.97.
            rows[(50_000 + index) * Width + index % Width] += (Half)1.5;
        }

        var watch = Stopwatch.StartNew();
        var found = CosinePairs.Find(rows, Width, 0.96f, CancellationToken.None).Select(pair => (pair.First, pair.Second)).ToArray();

        output.WriteLine($"{found.Length} pairs among {Count} embeddings of {Width} values in {watch.Elapsed.TotalSeconds:F1} s");
        found.Order().Should().Equal(Enumerable.Range(0, Planted).Select(index => (index, 50_000 + index)));
    }
}
