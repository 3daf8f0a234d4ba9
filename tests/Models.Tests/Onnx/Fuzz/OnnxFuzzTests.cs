using Pipeline.Models.Tests.Fuzz;

namespace Pipeline.Models.Tests.Onnx.Fuzz;

/// <summary>Damaged graphs: each ends as results or as an error that names the file, within its time and the memory limit, and the process lives.</summary>
public sealed class OnnxFuzzTests
{
    [Fact]
    public async Task Fifteen_hundred_damaged_graphs_end_as_results_or_a_clear_error()
    {
        var end = await FuzzRun.OfAsync<OnnxFuzz>(seed: 71, count: 1500);

        end.Fault.Should().BeNull();
        end.Read.Should().BeInRange(100, 1400);
    }

    [Fact]
    [Trait("Form", "Long")]
    public async Task A_hundred_thousand_damaged_graphs_end_as_results_or_a_clear_error()
    {
        var end = await FuzzRun.OfAsync<OnnxFuzz>(seed: 72, count: 100_000);

        end.Fault.Should().BeNull();
        end.Read.Should().BeInRange(5000, 95_000);
    }
}
