using Pipeline.Models.Onnx;
using Pipeline.Models.Tests.Weights;
using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Onnx;

/// <summary>The graphs that the tests make are graphs that ONNX Runtime runs, and compute what they are named after.</summary>
public sealed class OnnxGraphsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Layer_normalisation_in_parts_is_the_one_node(bool vision)
    {
        var weights = OnnxGraphs.Weights.Seeded(TinyGraphs.Seed);
        OnnxGraph Graph(ClipGraphs clip) => vision ? clip.VisionModel(weights) : clip.TextModel(weights);
        var input = vision
            ? OnnxInput.Of("pixel_values", TinyGraphs.Waves(2 * 3 * 32 * 32), 2, 3, 32, 32)
            : OnnxInput.Of("input_ids", Tokens, 2, 12);
        var output = vision ? "image_embeds" : "text_embeds";

        using var whole = Graph(TinyGraphs.Clip).Open(folder.File("whole.onnx"));
        using var parts = Graph(TinyGraphs.Clip with { Operators = 14 }).Open(folder.File("parts.onnx"));
        var (left, right) = (whole.Run([input], [output]).Single(), parts.Run([input], [output]).Single());

        left.Shape.Should().Equal(2, 24);
        Differences.Most(left.Values, right.Values).Should().BeLessThan(2e-5f);
        left.Values.Max(Math.Abs).Should().BeGreaterThan(0.1f);
    }

    [Fact]
    public void Text_after_the_end_token_has_no_part_in_the_embedding()
    {
        using var model = TinyGraphs.Clip.TextModel(OnnxGraphs.Weights.Seeded(TinyGraphs.Seed)).Open(folder.File("greatest.onnx"));
        using var named = (TinyGraphs.Clip with { EndToken = 98 })
            .TextModel(OnnxGraphs.Weights.Seeded(TinyGraphs.Seed))
            .Open(folder.File("named.onnx"));

        var rows = model.Run([OnnxInput.Of("input_ids", Tokens, 2, 12)], ["text_embeds"]).Single().Values;
        var same = named.Run([OnnxInput.Of("input_ids", Tokens, 2, 12)], ["text_embeds"]).Single().Values;

        Differences.Most(rows[..24], rows[24..]).Should().BeLessThan(1e-5f, "the two texts differ after their end alone");
        Differences.Most(rows, same).Should().Be(0);
    }

    [Fact]
    public void Decoder_with_its_cache_gives_what_it_gives_for_the_whole_text()
    {
        using var model = new DecoderGraph().Model(OnnxGraphs.Weights.Seeded(TinyGraphs.Seed)).Open(folder.File("decoder.onnx"));
        long[] text = [5, 9, 2, 77, 31];

        var whole = Decode(model, text, model.Inputs.Skip(1).Select(port => new OnnxResult(port.Name, [1, 4, 0, 16], [])));
        var start = Decode(model, text[..3], model.Inputs.Skip(1).Select(port => new OnnxResult(port.Name, [1, 4, 0, 16], [])));
        var cache = start
            .Skip(1)
            .Select(result => result with { Name = result.Name.Replace("present", "past_key_values", StringComparison.Ordinal) });
        var rest = Decode(model, text[3..], cache);

        Differences.Most(whole[0].Values[^256..], rest[0].Values).Should().BeLessThan(2e-5f);
        rest[1].Shape.Should().Equal(1, 4, 5, 16);
    }

    [Theory]
    [InlineData(8, 12)]
    [InlineData(16, 4)]
    public void UNet_gives_noise_of_the_samples_shape(int height, int width)
    {
        using var model = new UNetGraph().Model(OnnxGraphs.Weights.Seeded(TinyGraphs.Seed)).Open(folder.File("unet.onnx"));
        OnnxInput[] Inputs(long step) =>
            [
                OnnxInput.Of("sample", TinyGraphs.Waves(2 * 4 * height * width), 2, 4, height, width),
                OnnxInput.Of("timestep", new[] { step }, 1),
                OnnxInput.Of("encoder_hidden_states", TinyGraphs.Waves(2 * 7 * 32), 2, 7, 32),
            ];

        var noise = model.Run(Inputs(500), ["out_sample"]).Single();
        var later = model.Run(Inputs(3), ["out_sample"]).Single();

        noise.Shape.Should().Equal(2, 4, height, width);
        noise.Values.Should().OnlyContain(value => float.IsFinite(value));
        Differences.Most(noise.Values, later.Values).Should().BeGreaterThan(1e-3f, "the time step has its part");
    }

    [Fact]
    public void Weights_follow_from_seed_and_name()
    {
        var one = OnnxGraphs.Weights.Seeded(1)("layers.0.fc1.weight", [200, 100]);

        OnnxGraphs.Weights.Seeded(1)("layers.0.fc1.weight", [200, 100]).Should().Equal(one);
        OnnxGraphs.Weights.Seeded(2)("layers.0.fc1.weight", [200, 100]).Should().NotEqual(one);
        OnnxGraphs.Weights.Seeded(1)("layers.1.fc1.weight", [200, 100]).Should().NotEqual(one);
        one.Average().Should().BeApproximately(0, 0.005f);
        one.Average(value => value * value).Should().BeApproximately(0.01f, 0.001f, "deviation 1 / sqrt(100)");
    }

    /// <summary>Two texts with one beginning and the end token 98 at place 4.</summary>
    private static long[] Tokens { get; } = [97, 3, 8, 50, 98, 0, 0, 0, 0, 0, 0, 0, 97, 3, 8, 50, 98, 7, 7, 1, 2, 3, 4, 5];

    private static IReadOnlyList<OnnxResult> Decode(OnnxModel model, long[] tokens, IEnumerable<OnnxResult> past) =>
        model.Run(
            [
                OnnxInput.Of("input_ids", tokens, 1, tokens.Length),
                .. past.Select(one => OnnxInput.Of(one.Name, one.Values, [.. one.Shape])),
            ],
            ["logits", .. model.Outputs.Select(port => port.Name).Where(name => name != "logits")]
        );
}
