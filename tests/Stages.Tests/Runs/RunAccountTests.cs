using System.Text.Json;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Tests.Runs;

public sealed class RunAccountTests
{
    [Fact]
    public void Account_that_closes_reads_as_a_sum()
    {
        var account = new RunAccount
        {
            Of = "samples",
            In = 580,
            Kept = 580,
        };

        var text = account.ToString();

        account.Closes.Should().BeTrue();
        text.Should().Be("samples 580 in = 580 kept + 0 dropped + 0 quarantined + 0 failed");
    }

    [Theory]
    [InlineData(9, "edits 9 in is not 2 kept + 3 dropped (2 mislabelled, 1 too_easy) + 1 quarantined + 3 failed + 1 in flight: 1 too many")]
    [InlineData(10, "edits 10 in = 2 kept + 3 dropped (2 mislabelled, 1 too_easy) + 1 quarantined + 3 failed + 1 in flight")]
    [InlineData(
        11,
        "edits 11 in is not 2 kept + 3 dropped (2 mislabelled, 1 too_easy) + 1 quarantined + 3 failed + 1 in flight: 1 missing"
    )]
    public void Account_says_by_how_many_it_does_not_close(long came, string expected)
    {
        var account = Edits(came);

        var text = account.ToString();

        text.Should().Be(expected);
        account.Closes.Should().Be(came == 10);
    }

    [Fact]
    public void Accounts_are_written_as_json()
    {
        var json = RunAccount.ToJson([new RunAccount { Of = "samples", In = 4 }, Edits(10)]);

        using var read = JsonDocument.Parse(json);
        var samples = read.RootElement.GetProperty("samples");
        samples.GetProperty("closes").GetBoolean().Should().BeFalse();
        samples.GetProperty("difference").GetInt64().Should().Be(4);
        read.RootElement.GetProperty("edits").GetProperty("dropped").GetProperty("too_easy").GetInt64().Should().Be(1);
    }

    private static RunAccount Edits(long came) =>
        new()
        {
            Of = "edits",
            In = came,
            Kept = 2,
            Dropped = new Dictionary<string, long>(StringComparer.Ordinal)
            {
                ["too_easy"] = 1,
                ["mislabelled"] = 2,
                ["over_quota"] = 0,
            },
            Quarantined = 1,
            Failed = 3,
            InFlight = 1,
        };
}
