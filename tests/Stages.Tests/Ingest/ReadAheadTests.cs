using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class ReadAheadTests
{
    [Fact]
    public async Task Next_element_is_taken_while_the_caller_has_one()
    {
        using var taken = new SemaphoreSlim(0);
        var elements = new List<int>();

        await foreach (var element in ReadAhead.OfAsync(Counted(3, taken)))
        {
            (await taken.WaitAsync(TimeSpan.FromSeconds(10))).Should().BeTrue();
            elements.Add(element);
        }

        elements.Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task Walk_has_ended_before_it_is_disposed()
    {
        var isWalking = false;
        var wasWalking = true;

        await foreach (var _ in ReadAhead.OfAsync(Slow()))
            break;

        wasWalking.Should().BeFalse();

        IEnumerable<int> Slow()
        {
            try
            {
                for (var element = 0; ; element++)
                {
                    isWalking = true;
                    Thread.SpinWait(100_000);
                    isWalking = false;
                    yield return element;
                }
            }
            finally
            {
                wasWalking = isWalking;
            }
        }
    }

    [Fact]
    public async Task Fault_of_the_walk_comes_after_what_was_before_it()
    {
        var elements = new List<int>();

        var walk = async () =>
        {
            await foreach (var element in ReadAhead.OfAsync(Enumerable.Range(0, 3).Select(at => 6 / (2 - at))))
                elements.Add(element);
        };

        await walk.Should().ThrowAsync<DivideByZeroException>();
        elements.Should().Equal(3, 6);
    }

    /// <summary>Tells of each element but the first when it is asked for, and of the end.</summary>
    private static IEnumerable<int> Counted(int count, SemaphoreSlim taken)
    {
        for (var element = 1; element <= count; element++)
        {
            yield return element;
            taken.Release();
        }
    }
}
