using Pipeline.Host.Commands;
using Pipeline.Plugins;

namespace Pipeline.Host.Tests.Commands;

public sealed class PluginOptionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Pipeline_that_names_a_plugins_kind_is_good_with_the_folder_and_unknown_without()
    {
        ExamplePlugin.Drop(folder.Root);
        var pipeline = Pipeline("  byte_entropy: { lastBytes: 100 }\n");

        var with = await ValidateAsync(pipeline, "--plugins", folder.Root, "--plugins-unchecked");
        var without = await ValidateAsync(pipeline);

        with.Code.Should().Be(0, with.Error);
        with.Output.Should().Contain("is loaded").And.Contain("is a good pipeline: ingest → byte_entropy");
        without.Code.Should().Be(2);
        without.Error.Should().Contain("The kind of byte_entropy").And.EndWith("A plugin's kind needs --plugins DIR.\n");
    }

    [Fact]
    public async Task Options_of_a_plugins_stage_are_checked_as_others_are()
    {
        ExamplePlugin.Drop(folder.Root);
        var pipeline = Pipeline("  byte_entropy: { lastBytes: 0, lastByte: 1 }\n");

        var checkedPipeline = await ValidateAsync(pipeline, "--plugins", folder.Root, "--plugins-unchecked");

        checkedPipeline.Code.Should().Be(2);
        checkedPipeline
            .Error.Should()
            .Contain("byte_entropy.lastBytes is 0; it must be 1 byte or more")
            .And.Contain("Did you mean lastBytes?");
    }

    [Theory]
    [InlineData("--plugins-allow and --plugins-unchecked are both given", "--plugins", ".", "--plugins-allow", "x", "--plugins-unchecked")]
    [InlineData("No plugin folder is named", "--plugins-allow", "x")]
    [InlineData("No plugin folder is named", "--plugins-unchecked")]
    [InlineData("The plugin folder /nowhere is not there", "--plugins", "/nowhere")]
    public async Task Options_that_cannot_be_meant_are_refused(string error, params string[] options)
    {
        var result = await ValidateAsync("captions", options);

        result.Code.Should().Be(2);
        result.Error.Should().Contain(error);
    }

    private static Task<CommandLineResult> ValidateAsync(string pipeline, params string[] options) =>
        CommandLineResult.Of(ValidateCommand.Create(RunHandlers.ValidateAsync), ["validate", pipeline, .. options]);

    private string Pipeline(string stage)
    {
        var path = Path.Combine(folder.Root, "pipeline.yaml");
        File.WriteAllText(path, $"pipeline: p\nstages:\n  ingest: {{}}\n{stage}");
        return path;
    }
}
