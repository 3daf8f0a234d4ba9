using System.Numerics;
using CsCheck;
using Pipeline.Models.Duplicates;

namespace Pipeline.Models.Tests.Duplicates;

public sealed class HammingPairsTests
{
    [Fact]
    public void All_pairs_within_the_distance_are_found_once_and_no_other()
    {
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 100_000])
            .Sample(
                (distance, seed) =>
                {
                    var hashes = Clustered(400, seed);

                    var found = HammingPairs.Find(hashes, distance, CancellationToken.None).ToArray();

                    Assert.Equal(Oracle(hashes, distance), found.OrderBy(pair => pair.First).ThenBy(pair => pair.Second));
                },
                iter: 60,
                threads: 1
            );
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(7, 0)]
    public void A_pair_at_6_is_found_and_one_at_7_is_not(int bits, int pairs)
    {
        var random = new Random(bits);
        for (var round = 0; round < 40; round++)
        {
            var hash = (ulong)random.NextInt64();
            ulong[] hashes = [hash, hash ^ Mask(random, bits)];

            HammingPairs.Find(hashes, 6, CancellationToken.None).Should().HaveCount(pairs);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(16)]
    public void Another_distance_is_refused(int distance)
    {
        var find = () => HammingPairs.Find(new ulong[2], distance, CancellationToken.None);

        find.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*{distance} bits; it must be 0 to 15*");
    }

    [Fact]
    public void No_hash_and_one_hash_have_no_pair()
    {
        HammingPairs.Find(Array.Empty<ulong>(), 6, CancellationToken.None).Should().BeEmpty();
        HammingPairs.Find(new[] { 5UL }, 6, CancellationToken.None).Should().BeEmpty();
    }

    [Fact]
    public void Planted_neighbours_among_100_000_are_found()
    {
        var random = new Random(9);
        var hashes = Enumerable.Range(0, 100_000).Select(_ => (ulong)random.NextInt64() << 1 ^ (ulong)random.NextInt64()).ToArray();
        for (var index = 0; index < 500; index++)
        {
            hashes[50_000 + index] = hashes[index] ^ Mask(random, index % 7);
        }

        var found = HammingPairs.Find(hashes, 6, CancellationToken.None).ToHashSet();

        for (var index = 0; index < 500; index++)
        {
            found.Should().Contain(new HammingPair(index, 50_000 + index, index % 7));
        }
    }

    private static IEnumerable<HammingPair> Oracle(ulong[] hashes, int distance) =>
        from one in Enumerable.Range(0, hashes.Length)
        from two in Enumerable.Range(0, hashes.Length)
        let bits = BitOperations.PopCount(hashes[one] ^ hashes[two])
        where one < two && bits <= distance
        select new HammingPair(one, two, bits);

    private static ulong[] Clustered(int count, int seed)
    {
        var random = new Random(seed);
        var hashes = new ulong[count];
        for (var index = 0; index < count; index++)
        {
            hashes[index] = index < 40 ? (ulong)random.NextInt64() : hashes[random.Next(40)] ^ Mask(random, random.Next(13));
        }

        return hashes;
    }

    private static ulong Mask(Random random, int bits)
    {
        var mask = 0UL;
        while (BitOperations.PopCount(mask) < bits)
        {
            mask |= 1UL << random.Next(64);
        }

        return mask;
    }
}
