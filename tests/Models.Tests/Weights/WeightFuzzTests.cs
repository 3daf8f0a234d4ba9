using Pipeline.Models.Tests.Fuzz;
using Pipeline.Models.Tests.Weights.PyTorch;

namespace Pipeline.Models.Tests.Weights;

/// <summary>Damaged files of weights: each is read or refused by its name, within its time and the memory limit, and the process lives.</summary>
public sealed class WeightFuzzTests
{
    [Fact]
    public Task A_thousand_damaged_safetensors_files_and_indexes_are_read_or_refused() => RunAsync<SafetensorsFuzz>(31, 1000);

    [Fact]
    public Task A_thousand_damaged_checkpoints_are_converted_or_refused() => RunAsync<CheckpointFuzz>(32, 1000);

    [Fact]
    [Trait("Form", "Long")]
    public Task Fifty_thousand_damaged_safetensors_files_and_indexes_are_read_or_refused() => RunAsync<SafetensorsFuzz>(33, 50_000);

    [Fact]
    [Trait("Form", "Long")]
    public Task Fifty_thousand_damaged_checkpoints_are_converted_or_refused() => RunAsync<CheckpointFuzz>(34, 50_000);

    private static async Task RunAsync<TTarget>(int seed, int count)
        where TTarget : IFuzzTarget, new()
    {
        var end = await FuzzRun.OfAsync<TTarget>(seed, count);

        end.Fault.Should().BeNull();
        end.Read.Should().BeInRange(count / 50, count * 9 / 10);
    }
}
