using Pipeline.Models.Tests.Fuzz;

namespace Pipeline.Models.Tests.Images.Fuzz;

/// <summary>Damaged files of every format: each ends as an image or a rejection, within its time and the memory limit, and the process lives.</summary>
public sealed class ImageFuzzTests
{
    [Fact]
    public async Task Five_thousand_damaged_files_end_as_an_image_or_a_rejection()
    {
        var end = await FuzzRun.OfAsync<ImageFuzz>(seed: 11, count: 5000);

        end.Fault.Should().BeNull();
        end.Read.Should().BeInRange(500, 4500);
    }

    [Fact]
    [Trait("Form", "Long")]
    public async Task A_hundred_thousand_damaged_files_end_as_an_image_or_a_rejection()
    {
        var end = await FuzzRun.OfAsync<ImageFuzz>(seed: 12, count: 100_000);

        end.Fault.Should().BeNull();
        end.Read.Should().BeInRange(10_000, 90_000);
    }
}
