using Pipeline.Host.Commands;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Tests.Commands;

public sealed class ExportCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Output => Path.Combine(folder.Root, "..", Path.GetFileName(folder.Root) + "-copy");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("interrupted")]
    [InlineData("failed")]
    [InlineData("running")]
    public async Task Unfinished_run_is_refused(string state)
    {
        folder.WriteRun(state);
        using var held = state == "running" ? OutputLock.Take(folder.Root) : null;

        var result = await RunAsync("--format", "webdataset");

        result.Code.Should().Be(2);
        result.Error.Should().Contain($"is {state}; it must be done. Give the run's command again");
        Directory.Exists(Output).Should().BeFalse();
    }

    [Fact]
    public async Task Finished_run_without_a_data_set_is_refused()
    {
        folder.WriteRun("done");

        var result = await RunAsync("--format", "imagefolder");

        result.Code.Should().Be(2);
        result.Error.Should().Contain("augmented/manifest.json is not there").And.Contain("Add the stage export");
    }

    [Theory]
    [InlineData("'zip' not recognized", "--format", "zip")]
    [InlineData("--format' is required")]
    [InlineData("--shard-bytes is '1048575'", "--format", "webdataset", "--shard-bytes", "1048575")]
    [InlineData("--shard-bytes is '68719476737'", "--format", "webdataset", "--shard-bytes", "68719476737")]
    [InlineData("which has no shards", "--format", "imagefolder", "--shard-bytes", "1048576")]
    public async Task Bad_arguments_are_told(string said, params string[] arguments)
    {
        folder.WriteRun("done");

        var result = await RunAsync(arguments);

        result.Code.Should().Be(2);
        result.Error.Should().Contain(said).And.Contain("See: pipeline export --help");
    }

    [Theory]
    [InlineData("1048576")]
    [InlineData("68719476736")]
    public async Task Both_ends_of_the_size_of_a_tar_file_are_taken(string bytes)
    {
        folder.WriteRun("done");

        var result = await RunAsync("--format", "webdataset", "--shard-bytes", bytes);

        result.Error.Should().Contain("manifest.json is not there");
    }

    private Task<CommandLineResult> RunAsync(params string[] arguments) =>
        CommandLineResult.Of(ExportCommand.Create(), ["export", folder.Root, "--output", Output, .. arguments]);
}
