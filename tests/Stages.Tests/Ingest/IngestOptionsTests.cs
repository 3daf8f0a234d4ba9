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

    [Theory]
    [InlineData("urlBytes", 1024, 1L << 30)]
    [InlineData("pixels", 1, 178_000_000)]
    public void Limits_are_taken_up_to_their_bounds(string setting, long least, long most)
    {
        IngestOptions With(long value) => setting == "pixels" ? new() { Pixels = value } : new() { UrlBytes = value };

        var faults = new[] { least - 1, least, most, most + 1 }.Select(value => With(value).Faults("ingest").ToList()).ToList();

        faults.Select(each => each.Count).Should().Equal(1, 0, 0, 1);
        faults[0].Should().ContainSingle().Which.Should().StartWith($"ingest.{setting} is ");
    }

    [Theory]
    [InlineData(0.099, 0, 10, false)]
    [InlineData(0.1, 0, 0.01, true)]
    [InlineData(600, 10, 1000, true)]
    [InlineData(600.001, 10, 1000, false)]
    [InlineData(1, -1, 10, false)]
    [InlineData(1, 11, 10, false)]
    [InlineData(1, 3, 0.009, false)]
    [InlineData(1, 3, 1000.1, false)]
    [InlineData(1, 3, double.NaN, false)]
    public void Fetching_is_bounded_in_time_attempts_and_rate(double seconds, int retries, double rate, bool isRight)
    {
        var options = new IngestOptions
        {
            UrlTime = TimeSpan.FromSeconds(seconds),
            UrlRetries = retries,
            UrlRate = rate,
        };

        var faults = options.Faults("ingest");

        faults.Any().Should().Be(!isRight);
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
