using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

public sealed class KeyedRandomTests
{
    [Fact]
    public void Draws_depend_on_every_part_of_the_key_and_on_nothing_else()
    {
        (ulong Seed, string Id, long Pass, string Purpose)[] keys =
        [
            (1, "ab", 0, "c"),
            (2, "ab", 0, "c"),
            (1, "a", 0, "bc"),
            (1, "abc", 0, ""),
            (1, "ab", 1, "c"),
            (1, "ab", 0, "d"),
        ];

        var first = keys.Select(Draws).ToArray();
        var second = keys.Select(Draws).ToArray();

        first.Should().Equal(second);
        first.Distinct().Should().HaveCount(keys.Length);
    }

    [Fact]
    public void Draws_are_uniform_and_within_their_bounds()
    {
        var random = KeyedRandom.For(3, "x", 0, "uniform");

        var doubles = Enumerable.Range(0, 20_000).Select(_ => random.NextDouble()).ToArray();
        var dice = Enumerable
            .Range(0, 60_000)
            .Select(_ => random.NextInt32(6))
            .GroupBy(face => face)
            .ToDictionary(face => face.Key, face => face.Count());

        doubles.Should().OnlyContain(value => value >= 0 && value < 1);
        doubles.Average().Should().BeApproximately(0.5, 0.01);
        dice.Keys.Should().BeEquivalentTo([0, 1, 2, 3, 4, 5]);
        dice.Values.Should().OnlyContain(count => Math.Abs(count - 10_000) < 400);
    }

    private static string Draws((ulong Seed, string Id, long Pass, string Purpose) key)
    {
        var random = KeyedRandom.For(key.Seed, key.Id, key.Pass, key.Purpose);
        return $"{random.NextUInt64()} {random.NextUInt64()}";
    }
}
