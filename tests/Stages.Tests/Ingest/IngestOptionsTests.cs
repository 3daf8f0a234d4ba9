using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class IngestOptionsTests
{
    [Fact]
    public void Defaults_have_no_fault()
    {
        var options = new IngestOptions();

        var faults = options.Faults("ingest");

        faults.Should().BeEmpty();
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void Batch_is_between_1_and_4096(int batch, bool isRight)
    {
        var options = new IngestOptions { Batch = batch };

        var faults = options.Faults("ingest");

        faults.Any(fault => fault.StartsWith("ingest.batch is ", StringComparison.Ordinal)).Should().Be(!isRight);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(100_000, true)]
    [InlineData(100_001, false)]
    public void Unfinished_is_between_1_and_100000(int unfinished, bool isRight)
    {
        var options = new IngestOptions { Unfinished = unfinished };

        var faults = options.Faults("ingest");

        faults.Any(fault => fault.StartsWith("ingest.unfinished is ", StringComparison.Ordinal)).Should().Be(!isRight);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var options = new IngestOptions
        {
            Batch = 0,
            Unfinished = 0,
            Format = (SourceFormat)9,
            PathColumn = " ",
            LabelColumn = "x",
            GroupColumn = "x",
        };

        var faults = options.Faults("ingest").ToArray();

        faults.Should().HaveCount(5);
        faults[4].Should().StartWith("ingest.labelColumn and ingest.groupColumn are all 'x';");
    }

    [Fact]
    public void Columns_of_an_image_folder_are_refused()
    {
        var options = new IngestOptions { Format = SourceFormat.ImageFolder, SplitColumn = "part" };

        var faults = options.Faults("ingest");

        faults.Should().ContainSingle().Which.Should().Contain("has no columns");
    }
}
