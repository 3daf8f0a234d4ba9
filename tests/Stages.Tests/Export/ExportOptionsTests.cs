using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export;

public sealed class ExportOptionsTests
{
    [Theory]
    [InlineData((1L << 20) - 1, 1)]
    [InlineData(1L << 20, 0)]
    [InlineData(1L << 30, 0)]
    [InlineData((1L << 30) + 1, 1)]
    public void File_is_between_1_MiB_and_1_GiB(long bytes, int faults)
    {
        var options = new ExportOptions { ShardBytes = bytes };

        var found = options.Faults("export");

        found.Should().HaveCount(faults).And.OnlyContain(fault => fault.StartsWith($"export.shardBytes is {bytes};"));
    }

    [Theory]
    [InlineData((1L << 10) - 1, 1)]
    [InlineData(1L << 10, 0)]
    [InlineData(1L << 28, 0)]
    [InlineData((1L << 28) + 1, 1)]
    public void Row_group_is_between_1_KiB_and_256_MiB(long bytes, int faults)
    {
        var options = new ExportOptions { RowGroupBytes = bytes };

        var found = options.Faults("export");

        found.Should().HaveCount(faults).And.OnlyContain(fault => fault.StartsWith($"export.rowGroupBytes is {bytes};"));
    }
}
