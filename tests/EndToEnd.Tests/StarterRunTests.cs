using System.Text.Json;

namespace Pipeline.EndToEnd.Tests;

public sealed class StarterRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-e2e-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_small_data_set_ends_as_shards_a_classifier_and_numbers_and_a_second_run_does_nothing()
    {
        var input = SmallDataSet.Write(Path.Combine(folder, "in"));
        string[] arguments = ["run", "starter", "--input", input, "--output", Path.Combine(folder, "out"), "--plain", .. ProgramRun.Small];

        var first = await ProgramRun.StartAsync(arguments);
        var before = ProgramRun.Files(Path.Combine(folder, "out"));
        var second = await ProgramRun.StartAsync(arguments);

        first.Code.Should().Be(0, first.Output);
        first.Output.Should().Contain("account: samples 40 in = 40 kept");
        File.Exists(Path.Combine(folder, "out", "augmented", "train-00000-of-00001.parquet")).Should().BeTrue();
        File.Exists(Path.Combine(folder, "out", "model", "model.safetensors")).Should().BeTrue();
        Directory
            .GetFiles(Path.Combine(folder, "out", "report"))
            .Select(Path.GetFileName)
            .Should()
            .BeEquivalentTo("account.json", "contact-sheet.png", "index.html", "metrics.json", "report.json", "report.md");
        using var metrics = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "out", "report", "metrics.json")));
        metrics
            .RootElement.EnumerateArray()
            .Select(row => $"{row.GetProperty("training").GetString()}/{row.GetProperty("split").GetString()}")
            .Should()
            .Equal("original/test", "original/validation", "original+kept/test", "original+kept/validation");
        second.Code.Should().Be(0, second.Output);
        second.Output.Should().Contain("nothing was done");
        ProgramRun.Files(Path.Combine(folder, "out")).Should().Equal(before);
    }

    [Theory]
    [InlineData("nosuch", "nosuch")]
    [InlineData("starter", "edit.strength is 7")]
    public async Task Bad_usage_exits_with_2_and_writes_nothing(string pipeline, string said)
    {
        var input = SmallDataSet.Write(Path.Combine(folder, "in"), 1, 1);
        var output = Path.Combine(folder, "out");

        var run = await ProgramRun.StartAsync(["run", pipeline, "--input", input, "--output", output, "--set", "edit.strength=7"]);

        run.Code.Should().Be(2, run.Output);
        run.Output.Should().Contain(said).And.NotContain("   at ");
        Directory.Exists(output).Should().BeFalse();
    }
}
