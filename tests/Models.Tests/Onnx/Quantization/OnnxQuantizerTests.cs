using Pipeline.Models.Onnx;
using Pipeline.Models.Onnx.Quantization;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Tests.Weights;
using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Onnx.Quantization;

public sealed class OnnxQuantizerTests : IDisposable
{
    private static readonly ClipGraphs Clip = new()
    {
        Vision = new ClipTower(192, 3, 3, 768),
        Text = new ClipTower(128, 3, 2, 512),
        ImageSize = 64,
        PatchSize = 16,
        Projection = 96,
        Vocabulary = 99,
        Length = 12,
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(14)]
    [InlineData(17)]
    [InlineData(18)]
    public void Pictures_embed_to_a_cosine_of_099(long operators)
    {
        using var whole = (Clip with { Operators = operators })
            .VisionModel(OnnxGraphs.Weights.Seeded(TinyGraphs.Seed))
            .Open(folder.File("whole.onnx"));

        var report = OnnxQuantizer.Quantize(folder.File("whole.onnx"), folder.File("int8.onnx"));

        using var int8 = OnnxModel.Open(folder.File("int8.onnx"), new OnnxOptions { Threads = 1 });
        var input = OnnxInput.Of("pixel_values", TinyGraphs.Waves(4 * 3 * 64 * 64), 4, 3, 64, 64);
        LeastCosine(whole, int8, input, "image_embeds").Should().BeGreaterThan(0.99);
        LeastCosine(whole, int8, input, "last_hidden_state").Should().BeGreaterThan(0.99);
        report.Matrices.Should().Be(3 * 6 + 1);
        report.Kept.Should().Be(3 * 2, "the two multiplications of attention are by values");
        report.TargetBytes.Should().Be(new FileInfo(folder.File("int8.onnx")).Length).And.BeLessThan(report.SourceBytes / 2);
    }

    [Fact]
    public void Texts_embed_to_a_cosine_of_099()
    {
        using var whole = Clip.TextModel(OnnxGraphs.Weights.Seeded(TinyGraphs.Seed)).Open(folder.File("whole.onnx"));

        OnnxQuantizer.Quantize(folder.File("whole.onnx"), folder.File("int8.onnx"));

        using var int8 = OnnxModel.Open(folder.File("int8.onnx"), new OnnxOptions { Threads = 1 });
        var tokens = Enumerable.Range(0, 3 * 12).Select(place => place % 12 == 11 ? 98 : place * 7L % 90).ToArray();
        LeastCosine(whole, int8, OnnxInput.Of("input_ids", tokens, 3, 12), "text_embeds").Should().BeGreaterThan(0.99);
    }

    [Theory]
    [InlineData("vision_model", "image_embeds")]
    [InlineData("text_model", "text_embeds")]
    public void Graph_that_torch_exported_embeds_to_a_cosine_of_099(string stem, string output)
    {
        var source = Path.Combine(GoldenSet.Fixtures, "onnx", "model", "onnx", $"{stem}.onnx");

        OnnxQuantizer.Quantize(source, folder.File("int8.onnx"));

        using var whole = OnnxModel.Open(source, new OnnxOptions { Threads = 1 });
        using var int8 = OnnxModel.Open(folder.File("int8.onnx"), new OnnxOptions { Threads = 1 });
        var input =
            stem == "vision_model"
                ? OnnxInput.Of("pixel_values", TinyGraphs.Waves(4 * 3 * 32 * 32), 4, 3, 32, 32)
                : OnnxInput.Of("input_ids", Enumerable.Range(0, 2 * 77).Select(place => place * 7L % 90).ToArray(), 2, 77);
        LeastCosine(whole, int8, input, output).Should().BeGreaterThan(0.99);
    }

    [Fact]
    public void Result_of_a_row_is_the_same_beside_any_neighbour()
    {
        Clip.VisionModel(OnnxGraphs.Weights.Seeded(TinyGraphs.Seed)).Save(folder.File("whole.onnx"));
        OnnxQuantizer.Quantize(folder.File("whole.onnx"), folder.File("int8.onnx"));
        using var int8 = OnnxModel.Open(folder.File("int8.onnx"), new OnnxOptions { Threads = 1 });
        var picture = TinyGraphs.Waves(3 * 64 * 64);
        float[] Embed(float neighbour, int place)
        {
            var pixels = new float[2 * picture.Length];
            Array.Fill(pixels, neighbour);
            picture.CopyTo(pixels, place * picture.Length);
            var values = int8.Run([OnnxInput.Of("pixel_values", pixels, 2, 3, 64, 64)], ["image_embeds"]).Single().Values;
            return values[(place * 96)..((place + 1) * 96)];
        }

        Embed(1000, 0).Should().Equal(Embed(0, 0));
        Embed(1000, 1).Should().Equal(Embed(0, 0));
        int8.MixesRows.Should().BeFalse();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Linear_layer_is_what_the_formula_says(long turned, bool hasBias)
    {
        var weight = TinyGraphs.Waves(5 * 4);
        float[] bias = [0.5f, -1, 2, 0];
        var input = TinyGraphs.Waves(3 * 5);
        var graph = new OnnxGraph("gemm");
        string[] from =
        [
            graph.Input("x", OnnxType.Float, "rows", 5),
            turned == 1 ? graph.Tensor("w", weight, 4, 5) : graph.Tensor("w", weight, 5, 4),
        ];
        from = hasBias ? [.. from, graph.Tensor("b", bias, 4)] : from;
        graph.Output("y", graph.Node("Gemm", from, OnnxMessages.Attribute("transB", turned)), OnnxType.Float, "rows", 4);
        graph.Save(folder.File("whole.onnx"));

        OnnxQuantizer.Quantize(folder.File("whole.onnx"), folder.File("int8.onnx"));

        using var int8 = OnnxModel.Open(folder.File("int8.onnx"), new OnnxOptions { Threads = 1 });
        var got = int8.Run([OnnxInput.Of("x", input, 3, 5)], ["y"]).Single().Values;
        for (var place = 0; place < got.Length; place++)
        {
            var (row, column) = (place / 4, place % 4);
            var left = Enumerable.Range(0, 5).Select(index => (double)input[row * 5 + index]).ToArray();
            var right = Enumerable
                .Range(0, 5)
                .Select(index => (double)(turned == 1 ? weight[column * 5 + index] : weight[index * 4 + column]))
                .ToArray();
            var wanted = Dot(Whole(left, 127), Whole(right, 64)) + (hasBias ? bias[column] : 0);
            got[place].Should().BeApproximately((float)wanted, 1e-5f);
        }
    }

    [Fact]
    public void Row_of_zeros_gives_zeros()
    {
        var graph = new OnnxGraph("zeros");
        var product = graph.Node("MatMul", [graph.Input("x", OnnxType.Float, 2, 3), graph.Tensor("w", [3f, 0, 2, 0, 3, 0], 3, 2)]);
        graph.Output("y", product, OnnxType.Float, 2, 2);
        graph.Save(folder.File("whole.onnx"));

        OnnxQuantizer.Quantize(folder.File("whole.onnx"), folder.File("int8.onnx"));

        using var int8 = OnnxModel.Open(folder.File("int8.onnx"), new OnnxOptions { Threads = 1 });
        int8.Run([OnnxInput.Of("x", new float[] { 0, 0, 0, 1, 0, 0 }, 2, 3)], ["y"]).Single().Values.Should().Equal(0, 0, 3, 0);
    }

    [Fact]
    public void Weight_that_something_else_uses_stays()
    {
        var graph = new OnnxGraph("shared");
        var weight = graph.Tensor("w", TinyGraphs.Waves(16), 4, 4);
        var product = graph.Node("MatMul", [graph.Input("x", OnnxType.Float, 4, 4), weight]);
        graph.Output("y", graph.Node("Add", [product, weight]), OnnxType.Float, 4, 4);
        graph.Save(folder.File("whole.onnx"));

        OnnxQuantizer.Quantize(folder.File("whole.onnx"), folder.File("int8.onnx"));

        using var int8 = OnnxModel.Open(folder.File("int8.onnx"), new OnnxOptions { Threads = 1 });
        int8.Run([OnnxInput.Of("x", new float[16], 4, 4)], ["y"]).Single().Values.Should().Equal(TinyGraphs.Waves(16));
    }

    [Fact]
    public void Graph_with_nothing_to_quantize_is_refused_and_nothing_is_written()
    {
        var graph = new OnnxGraph("none");
        graph.Output("y", graph.Node("Relu", [graph.Input("x", OnnxType.Float, 2)]), OnnxType.Float, 2);
        graph.Save(folder.File("whole.onnx"));

        var act = () => OnnxQuantizer.Quantize(folder.File("whole.onnx"), folder.File("int8.onnx"));

        act.Should().Throw<InvalidDataException>().WithMessage("*no multiplication by a float32 matrix*");
        Directory.GetFiles(folder.Root).Should().ContainSingle();
    }

    [Fact]
    public void Quantized_graph_is_refused_to_be_quantized_again_and_published_ones_are_known_to_mix_rows()
    {
        var graph = new OnnxGraph("published");
        var scale = graph.Tensor("s", [0.1f], 1);
        var whole = graph.Tensor("w", OnnxMessages.Tensor("w", OnnxType.Int8, [2, 1], new byte[] { 1, 2 }));
        var product = graph.NodeOf("com.microsoft", "DynamicQuantizeMatMul", [graph.Input("x", OnnxType.Float, 1, 2), whole, scale]);
        graph.Output("y", product, OnnxType.Float, 1, 1);
        using var model = graph.Open(folder.File("published.onnx"));

        var act = () => OnnxQuantizer.Quantize(folder.File("published.onnx"), folder.File("int8.onnx"));

        model.MixesRows.Should().BeTrue();
        act.Should().Throw<InvalidDataException>().WithMessage("*Take the float32 export*");
    }

    /// <summary>What a vector becomes in whole numbers of so many steps, in doubles.</summary>
    private static double[] Whole(double[] values, int most)
    {
        var scale = values.Max(Math.Abs) / most;
        return [.. values.Select(value => Math.Round(value / scale) * scale)];
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    private static double LeastCosine(OnnxModel left, OnnxModel right, OnnxInput input, string output)
    {
        var (a, b) = (left.Run([input], [output]).Single(), right.Run([input], [output]).Single());
        var length = (int)a.Shape[^1];
        return Enumerable
            .Range(0, a.Values.Length / length)
            .Min(row => Differences.Cosine(a.Values.AsSpan(row * length, length), b.Values.AsSpan(row * length, length)));
    }
}
