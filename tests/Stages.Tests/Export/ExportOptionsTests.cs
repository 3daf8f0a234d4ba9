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

    [Theory]
    [InlineData("CC-BY-4.0", "A. Person", "https://example.org/a", "2026-02-28", "")]
    [InlineData("CC BY", null, null, null, "license")]
    [InlineData("", null, null, null, "license")]
    [InlineData(null, " ", null, null, "creator")]
    [InlineData(null, null, "ftp://example.org", null, "url")]
    [InlineData(null, null, "birds", null, "url")]
    [InlineData(null, null, null, "2026-02-29", "published")]
    [InlineData(null, null, null, "28.2.2026", "published")]
    public void What_the_card_is_told_has_a_form(string? license, string? creator, string? url, string? published, string wrong)
    {
        var options = new ExportOptions
        {
            License = license,
            Creator = creator,
            Url = url,
            Published = published,
        };

        var found = options.Faults("export");

        found.Select(fault => fault.Split(' ')[0]).Should().Equal(wrong.Length > 0 ? [$"export.{wrong}"] : []);
    }
}
