using Pipeline.Models.Tests.Fuzz;

namespace Pipeline.Models.Tests.Clip;

public sealed class ClipFuzzTests
{
    [Fact]
    public async Task Fifteen_hundred_damaged_configurations_and_tokenizers_are_read_or_refused()
    {
        var end = await FuzzRun.OfAsync<ClipFuzz>(seed: 41, count: 1500);

        end.Fault.Should().BeNull();
        end.Read.Should().BeInRange(20, 1400);
    }

    [Fact]
    [Trait("Form", "Long")]
    public async Task A_hundred_thousand_damaged_configurations_and_tokenizers_are_read_or_refused()
    {
        var end = await FuzzRun.OfAsync<ClipFuzz>(seed: 42, count: 100_000);

        end.Fault.Should().BeNull();
        end.Read.Should().BeInRange(1_500, 95_000);
    }
}
