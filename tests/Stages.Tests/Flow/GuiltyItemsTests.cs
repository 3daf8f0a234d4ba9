using Pipeline.Sdk;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Flow;

public sealed class GuiltyItemsTests
{
    private readonly List<int> calls = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(100)]
    public async Task One_guilty_item_is_found_wherever_it_stands_in_few_calls(int count)
    {
        for (var guilty = 0; guilty < count; guilty++)
        {
            calls.Clear();

            var outcomes = await FindAsync(count, item => item == guilty);

            outcomes.Select(outcome => outcome.Error is null).Should().Equal(Enumerable.Range(0, count).Select(item => item != guilty));
            outcomes.Select(outcome => outcome.Value).Should().Equal(Enumerable.Range(0, count).Select(item => item == guilty ? 0 : -item));
            calls.Count.Should().BeLessThanOrEqualTo((2 * (int)Math.Ceiling(Math.Log2(count))) + 1);
        }
    }

    [Fact]
    public async Task Nothing_is_called_twice_when_nothing_is_guilty()
    {
        var outcomes = await FindAsync(64, _ => false);

        outcomes.Should().OnlyContain(outcome => outcome.Error == null);
        calls.Should().Equal(64);
    }

    [Fact]
    public async Task Every_item_has_its_own_error_when_all_are_guilty()
    {
        var outcomes = await FindAsync(5, _ => true);

        outcomes.Select(outcome => outcome.Error?.Message).Should().Equal("0", "1", "2", "3", "4");
    }

    [Theory]
    [InlineData(1, "The model gave 1 results for 2 items; it must give one each. Correct the backend.")]
    [InlineData(3, "The model gave 3 results for 2 items; it must give one each. Correct the backend.")]
    [InlineData(-1, "The model gave no results for 2 items; it must give one each. Correct the backend.")]
    public async Task A_wrong_number_of_results_for_several_items_is_sought_in_each(int count, string message)
    {
        var found = new List<string>();

        var outcomes = await GuiltyItems.FindAsync(
            Items(2),
            (items, _) =>
            {
                found.Add($"{items.Count}");
                return ValueTask.FromResult<IReadOnlyList<int>>(
                    items.Count == 1 ? [1]
                    : count < 0 ? null!
                    : new int[count]
                );
            },
            CancellationToken.None
        );

        outcomes.Should().OnlyContain(outcome => outcome.Error == null, message);
        found.Should().Equal("2", "1", "1");
    }

    [Theory]
    [InlineData(0, "The model gave 0 results for 1 items; it must give one each. Correct the backend.")]
    [InlineData(2, "The model gave 2 results for 1 items; it must give one each. Correct the backend.")]
    [InlineData(-1, "The model gave no results for 1 items; it must give one each. Correct the backend.")]
    public async Task A_wrong_number_of_results_for_one_item_is_its_error(int count, string message)
    {
        var outcomes = await GuiltyItems.FindAsync(
            Items(1),
            (_, _) => ValueTask.FromResult<IReadOnlyList<int>>(count < 0 ? null! : new int[count]),
            CancellationToken.None
        );

        outcomes.Single().Error!.Message.Should().Be(message);
    }

    [Fact]
    public async Task A_null_among_the_results_is_the_error_of_its_item_alone()
    {
        var outcomes = await GuiltyItems.FindAsync(
            Items(2),
            (_, _) => ValueTask.FromResult<IReadOnlyList<string>>([null!, "right"]),
            CancellationToken.None
        );

        outcomes[0].Error!.Message.Should().Be("The model gave null for an item; it must give a result. Correct the backend.");
        outcomes[1].Should().Be(new Outcome<string>("right", null));
    }

    [Fact]
    public async Task Stopping_ends_the_search_and_blames_no_item()
    {
        using var stop = new CancellationTokenSource();

        var search = () =>
            GuiltyItems.FindAsync<int, int>(
                Items(8),
                async (items, _) =>
                {
                    calls.Add(items.Count);
                    await stop.CancelAsync();
                    throw new InvalidOperationException("guilty");
                },
                stop.Token
            );

        await search.Should().ThrowAsync<OperationCanceledException>();
        calls.Should().Equal(8);
    }

    [Fact]
    public async Task A_model_that_gives_up_by_itself_is_guilty_and_not_stopping()
    {
        var outcomes = await GuiltyItems.FindAsync<int, int>(
            Items(1),
            (_, _) => throw new OperationCanceledException("the backend took too long"),
            CancellationToken.None
        );

        outcomes.Single().Error.Should().BeOfType<OperationCanceledException>();
    }

    private static Item<int>[] Items(int count) => [.. Enumerable.Range(0, count).Select(index => new Item<int>($"{index}", null, index))];

    private Task<Outcome<int>[]> FindAsync(int count, Func<int, bool> guilty) =>
        GuiltyItems.FindAsync(
            Items(count),
            (items, _) =>
            {
                calls.Add(items.Count);
                return items.Any(item => guilty(item.Value))
                    ? throw new InvalidOperationException(string.Join(',', items.Select(item => item.Value)))
                    : ValueTask.FromResult<IReadOnlyList<int>>([.. items.Select(item => -item.Value)]);
            },
            CancellationToken.None
        );
}
