using Pipeline.Stages.Select;

namespace Pipeline.Stages.Tests.Select;

public sealed class SelectOptionsTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(64, 0)]
    [InlineData(65, 1)]
    public void Edits_of_a_source_are_between_1_and_64(int perSource, int faults)
    {
        var options = new SelectOptions { PerSource = perSource };

        var found = options.Faults("select");

        found.Should().HaveCount(faults).And.OnlyContain(fault => fault.StartsWith($"select.perSource is {perSource};"));
    }

    [Theory]
    [InlineData("all", 0)]
    [InlineData("1", 0)]
    [InlineData("match:test", 0)]
    [InlineData("0", 1)]
    [InlineData("-3", 1)]
    [InlineData("match:", 1)]
    [InlineData("All", 1)]
    [InlineData("", 1)]
    public void Quota_is_all_or_a_number_or_a_split(string quota, int faults)
    {
        var options = new SelectOptions { Quota = quota };

        var found = options.Faults("select");

        found.Should().HaveCount(faults).And.OnlyContain(fault => fault.StartsWith($"select.quota is '{quota}';"));
    }
}
