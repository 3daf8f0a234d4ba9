using System.Security.Cryptography;
using System.Text;
using Pipeline.Host.Commands;

namespace Pipeline.Host.Tests.Commands;

public sealed class DryRunTests : IDisposable
{
    private const string Empty = "\u0002\0\0\0\0\0\0\0{}"; // safetensors without a tensor
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Shows_graph_options_counts_models_and_estimate_and_writes_nothing()
    {
        var input = folder.WriteImages(4);
        var before = Files();

        var result = await RunAsync("starter", input);

        result.Code.Should().Be(0, result.Error);
        result.Line("filter").Should().Equal("filter", "edit", "base-classifier of train");
        result.Output.Should().Contain("strength: 0.7").And.Contain("8 samples in 1 batch of at most 64, 2 classes");
        result.Line("train").Should().Equal("train", "ingest, select", "base-classifier");
        result.Output.Should().Contain("built in, no file").And.Contain("fresh weights, trained from scratch, no file");
        result
            .Output.Should()
            .Contain("8 × 6 descriptions × 1;")
            .And.Contain("6 × 10 epochs × 1 steps of 32 images;")
            .And.Contain("of disk;");
        Files().Should().Equal(before);
    }

    [Fact]
    public async Task Names_size_and_hash_of_every_model_file_that_an_option_names()
    {
        var input = folder.WriteImages(1);
        var weights = folder.Write("weights.safetensors", Empty);

        var result = await RunAsync("starter", input, "--set", $"train.init={weights}");

        result
            .Output.Should()
            .Contain(weights)
            .And.Contain("10 bytes")
            .And.Contain(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Empty))));
    }

    [Fact]
    public async Task Input_of_which_nothing_can_be_decoded_still_has_a_plan()
    {
        folder.Write("in/train/a/0.jpg", "no image");
        folder.Write("in/train/b/0.jpg", "no image");

        var result = await RunAsync("captions", Path.Combine(folder.Root, "in"));

        result.Code.Should().Be(0, result.Error);
        result.Output.Should().Contain("on 0 samples");
    }

    private Task<CommandLineResult> RunAsync(string pipeline, string input, params string[] more) =>
        CommandLineResult.Of(
            RunCommand.Create(RunHandlers.RunAsync),
            ["run", pipeline, "--input", input, "--output", Path.Combine(folder.Root, "out"), "--dry-run", .. more]
        );

    private string[] Files() =>
        [.. Directory.GetFileSystemEntries(folder.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
