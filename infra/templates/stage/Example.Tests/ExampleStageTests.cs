using Pipeline.Sdk;

namespace Example.Tests;

public sealed class ExampleStageTests
{
    [Theory]
    [InlineData(1024, 2048, 2.0)]
    [InlineData(1, 3, 3.0)]
    public async Task Size_is_in_units(int unit, int bytes, double expected)
    {
        var stage = new ExampleKind().Create(new ExampleOptions { UnitBytes = unit }, new StageContext { InputRoot = "/" });

        var items = stage.Prepare(new IngestedImage("a", "a.jpg", null, 0, bytes, new byte[bytes]));
        var results = await stage.InferAsync(items, TestContext.Current.CancellationToken);

        Assert.Equal(new ExampleRow("a", expected), stage.Finish(items[0], results[0]));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1_048_576, 0)]
    [InlineData(1_048_577, 1)]
    public void Unit_has_bounds(int unit, int faults) =>
        Assert.Equal(
            faults,
            new ExampleOptions { UnitBytes = unit }
                .Faults("kind-name")
                .Count()
        );
}
