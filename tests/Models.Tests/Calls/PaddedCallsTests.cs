using Pipeline.Models.Calls;

namespace Pipeline.Models.Tests.Calls;

public sealed class PaddedCallsTests
{
    [Theory]
    [InlineData(0, 4, 0)]
    [InlineData(1, 4, 1)]
    [InlineData(4, 4, 1)]
    [InlineData(5, 4, 2)]
    [InlineData(9, 1, 9)]
    public void Every_call_has_one_size_and_every_row_its_result(int count, int size, int wanted)
    {
        List<int> rooms = [];
        var calls = Doubling(size, rooms);

        var results = calls.Run(count, (row, target) => target.Fill(row + 1), CancellationToken.None);

        rooms.Should().HaveCount(wanted).And.AllBeEquivalentTo(size);
        results.Select(result => result.Single()).Should().Equal(Enumerable.Range(1, count).Select(row => row * 4f));
    }

    [Fact]
    public void Padding_is_zeros_also_where_a_buffer_was_used_before()
    {
        List<float> seen = [];
        var calls = new PaddedCalls<float>(2, 1, 1, 1, (rows, _, _) => seen.AddRange(rows));
        calls.Run(2, (_, target) => target.Fill(7), CancellationToken.None);

        calls.Run(1, (_, target) => target.Fill(5), CancellationToken.None);

        seen.Should().Equal(7, 7, 5, 0);
    }

    [Fact]
    public void Smaller_calls_hold_from_the_next_run_on()
    {
        List<int> rooms = [];
        var calls = Doubling(4, rooms);
        calls.Run(4, (_, target) => target.Fill(1), CancellationToken.None);

        calls.CallSize = 2;
        calls.Run(4, (_, target) => target.Fill(1), CancellationToken.None);

        rooms.Should().Equal(4, 2, 2);
    }

    [Fact]
    public void Stop_is_looked_at_before_each_call()
    {
        using var stop = new CancellationTokenSource();
        var made = 0;
        var calls = new PaddedCalls<float>(
            1,
            1,
            1,
            1,
            (_, _, _) =>
            {
                made++;
                stop.Cancel();
            }
        );

        var act = () => calls.Run(3, (_, target) => target.Clear(), stop.Token);

        act.Should().Throw<OperationCanceledException>();
        made.Should().Be(1);
    }

    [Fact]
    public void Call_size_is_at_least_1()
    {
        var calls = Doubling(1, []);

        var act = () => calls.CallSize = 0;

        act.Should().Throw<ArgumentOutOfRangeException>();
        calls.CallSize.Should().Be(1);
    }

    /// <summary>Rows of two values, whose doubled sum is the result.</summary>
    private static PaddedCalls<float> Doubling(int size, List<int> rooms) =>
        new(
            size,
            2,
            1,
            2,
            (rows, room, results) =>
            {
                rooms.Add(room);
                rows.Length.Should().Be(2 * room);
                for (var row = 0; row < room; row++)
                {
                    results[row] = 2 * (rows[2 * row] + rows[2 * row + 1]);
                }
            }
        );
}
