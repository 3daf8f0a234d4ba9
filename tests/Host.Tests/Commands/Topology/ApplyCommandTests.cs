using Pipeline.Host.Commands;
using Pipeline.Host.Commands.Topology;

namespace Pipeline.Host.Tests.Commands.Topology;

public sealed class ApplyCommandTests
{
    [Fact]
    public async Task Difference_is_shown_asked_about_and_put_into_force()
    {
        using var folder = TopologyRun.Create("interrupted");
        var file = Changed(folder, "strength: 0.7", "strength: 0.5");

        var result = await RunAsync("y", folder.Root, file);

        result.Error.Should().BeEmpty();
        result
            .Output.Should()
            .StartWith(
                "~ edit.strength 0.7 → 0.5\nChange the run so? [y/N] edit.strength is 0.5 instead of 0.7. Version 2 is in force, for batches"
            );
        (await folder.TopologyAsync()).Steps[^1].Change.Should().Be($"apply {file} (edit.strength is 0.5 instead of 0.7)");
    }

    [Fact]
    public async Task Answer_no_changes_nothing()
    {
        using var folder = TopologyRun.Create("interrupted");
        var file = Changed(folder, "strength: 0.7", "strength: 0.5");

        var result = await RunAsync("", folder.Root, file);

        result.Code.Should().Be(0);
        result.Output.Should().EndWith("[y/N] Nothing was done.\n");
        (await folder.TopologyAsync()).Newest.Should().Be(1);
    }

    [Fact]
    public async Task What_the_run_cannot_take_is_shown_and_refused()
    {
        using var folder = TopologyRun.Create("interrupted");
        var file = Changed(folder, "perSource: 1", "perSource: 2");

        var result = await RunAsync("y", folder.Root, file);

        (result.Code, result.Output).Should().Be((2, "~ select.perSource 1 → 2\n"));
        result.Error.Should().StartWith("error: select.perSource would change from 1 to 2, and select works over the whole run; ");
        (await folder.TopologyAsync()).Newest.Should().Be(1);
    }

    [Fact]
    public async Task Pipeline_as_it_is_is_nothing_to_do()
    {
        using var folder = TopologyRun.Create("interrupted");
        var file = Path.Combine(folder.Root, "pipeline.yaml");

        var result = await RunAsync("", folder.Root, file);

        (result.Code, result.Output).Should().Be((0, $"The run does what {file} says; nothing is to be changed.\n"));
    }

    [Fact]
    public async Task Faults_of_the_file_are_all_listed()
    {
        using var folder = TopologyRun.Create("interrupted");
        var file = Changed(folder, "strength: 0.7", "strength: 7\n    strenth: 0");

        var result = await RunAsync("y", folder.Root, file);

        result.Code.Should().Be(2);
        result.Error.Split('\n').Where(line => line.StartsWith("error: edit.stren", StringComparison.Ordinal)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Missing_file_is_refused()
    {
        using var folder = TopologyRun.Create("interrupted");

        var result = await RunAsync("y", folder.Root, "nothing.yaml");

        result.Code.Should().Be(2);
        result.Error.Should().StartWith("error: nothing.yaml is no file; it must be a pipeline file. ");
    }

    /// <summary>A copy of the run's pipeline in which something is changed.</summary>
    private static string Changed(TemporaryFolder folder, string old, string changed)
    {
        var text = File.ReadAllText(Path.Combine(folder.Root, "pipeline.yaml"));
        text.Should().Contain(old);
        return folder.Write("mine/changed.yaml", text.Replace(old, changed));
    }

    private static Task<CommandLineResult> RunAsync(string answer, params string[] arguments) =>
        CommandLineResult.Of(ApplyCommand.Create(new Confirmation(new StringReader(answer))), ["apply", .. arguments]);
}
