using Pipeline.Models.Clip;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Weights;
using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Clip;

/// <summary>One suite for every backend, on the tiny model of the reference case.</summary>
public sealed class ClipEncoderTests
{
    private static readonly string Case = Path.Combine(GoldenSet.Fixtures, "clip");

    public static TheoryData<ClipBackend> Backends() => [ClipBackend.Torch, ClipBackend.Onnx];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Embeddings_are_those_of_the_reference(ClipBackend backend)
    {
        using var encoder = Open(backend);
        using var want = SafetensorsFile.Read(Path.Combine(Case, "expected.safetensors"));

        var images = encoder.EmbedImages(Pixels(), TestContext.Current.CancellationToken);
        var texts = encoder.EmbedTexts(Texts(), TestContext.Current.CancellationToken);

        Furthest(images, want.Tensor("image_embeds").data<float>().ToArray()).Should().BeLessThan(1e-5);
        Furthest(texts, want.Tensor("text_embeds").data<float>().ToArray()).Should().BeLessThan(1e-5);
        encoder.Dimension.Should().Be(24);
        encoder.Scale.Should().BeApproximately(backend == ClipBackend.Torch ? MathF.Exp(2.6592f) : 100, 0.01f);
        encoder.Architecture.Should().Be("clip ViT-48x3/8 32 quick_gelu");
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void An_embedding_depends_neither_on_neighbours_nor_on_order(ClipBackend backend)
    {
        using var encoder = Open(backend);
        var pixels = Enumerable.Range(0, 37).Select(Noise).ToArray();
        var order = Enumerable.Range(0, 37).Select(index => index * 11 % 37).ToArray();

        var straight = encoder.EmbedImages(pixels, TestContext.Current.CancellationToken);
        var mixed = encoder.EmbedImages([.. order.Select(index => pixels[index])], TestContext.Current.CancellationToken);
        var alone = encoder.EmbedImages([pixels[5]], TestContext.Current.CancellationToken);

        for (var place = 0; place < order.Length; place++)
        {
            mixed[place].Should().Equal(straight[order[place]]);
        }

        alone[0].Should().Equal(straight[5]);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_text_depends_neither_on_neighbours_nor_on_order(ClipBackend backend)
    {
        using var encoder = Open(backend);
        var texts = Texts();

        var straight = encoder.EmbedTexts(texts, TestContext.Current.CancellationToken);
        var mixed = encoder.EmbedTexts([.. texts.Reverse(), "one more"], TestContext.Current.CancellationToken);

        for (var place = 0; place < texts.Length; place++)
        {
            mixed[texts.Length - 1 - place].Should().Equal(straight[place]);
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Between_call_sizes_an_embedding_moves_by_a_hundred_thousandth_at_most(ClipBackend backend)
    {
        using var encoder = Open(backend);
        var pixels = Enumerable.Range(0, 9).Select(Noise).ToArray();

        var sixteen = encoder.EmbedImages(pixels, TestContext.Current.CancellationToken);
        foreach (var size in new[] { 1, 4, 7, 32 })
        {
            encoder.CallSize = size;
            var other = encoder.EmbedImages(pixels, TestContext.Current.CancellationToken);
            Furthest(other, [.. sixteen.SelectMany(row => row)]).Should().BeLessThan(1e-5, "an embedding has the length 1");
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_text_that_is_too_long_is_cut_and_counted(ClipBackend backend)
    {
        using var encoder = Open(backend);
        var shortest = string.Join(' ', Enumerable.Repeat("a", 75));

        var rows = encoder.EmbedTexts([shortest, $"{shortest} a", $"{shortest} b c d"], TestContext.Current.CancellationToken);

        encoder.CutTexts.Should().Be(2);
        rows[1].Should().Equal(rows[0], "what is over is cut, and the end token stays");
        rows[2].Should().Equal(rows[0]);
    }

    [Fact]
    public void Both_backends_agree()
    {
        using var torch = Open(ClipBackend.Torch);
        using var onnx = Open(ClipBackend.Onnx);
        var pixels = Enumerable.Range(0, 20).Select(Noise).ToArray();
        string[] texts = [.. Texts(), "<|endoftext|> early end", "", string.Join(' ', Enumerable.Repeat("long", 90))];

        var images = torch.EmbedImages(pixels, TestContext.Current.CancellationToken);
        var words = torch.EmbedTexts(texts, TestContext.Current.CancellationToken);

        Furthest(onnx.EmbedImages(pixels, TestContext.Current.CancellationToken), [.. images.SelectMany(row => row)])
            .Should()
            .BeLessThan(1e-4);
        Furthest(onnx.EmbedTexts(texts, TestContext.Current.CancellationToken), [.. words.SelectMany(row => row)])
            .Should()
            .BeLessThan(1e-4);
    }

    [Fact]
    public void A_graph_with_both_towers_gives_what_two_graphs_give()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(FolderOf(ClipBackend.Onnx)))
        {
            File.CreateSymbolicLink(folder.File(Path.GetFileName(file)), file);
        }

        File.Copy(Path.Combine(FolderOf(ClipBackend.Onnx), "onnx", "model.onnx"), folder.File("model.onnx"));
        using var two = Open(ClipBackend.Onnx);
        using var one = ClipEncoder.Open(folder.Root, new ClipSettings());

        var images = two.EmbedImages(Pixels(), TestContext.Current.CancellationToken);
        var texts = two.EmbedTexts(Texts(), TestContext.Current.CancellationToken);

        Furthest(one.EmbedImages(Pixels(), TestContext.Current.CancellationToken), [.. images.SelectMany(row => row)])
            .Should()
            .BeLessThan(1e-5);
        Furthest(one.EmbedTexts(Texts(), TestContext.Current.CancellationToken), [.. texts.SelectMany(row => row)])
            .Should()
            .BeLessThan(1e-5);
    }

    [Fact]
    public void A_published_quantized_graph_gives_a_picture_the_same_beside_any_neighbour()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(FolderOf(ClipBackend.Onnx)))
        {
            File.CreateSymbolicLink(folder.File(Path.GetFileName(file)), file);
        }

        File.Copy(Path.Combine(FolderOf(ClipBackend.Onnx), "onnx", "text_model.onnx"), folder.File("text_model_quantized.onnx"));
        PublishedInt8(3 * 32 * 32, 24).Save(folder.File("vision_model_quantized.onnx"));
        using var encoder = ClipEncoder.Open(folder.Root, new ClipSettings { Quantization = "int8", CallSize = 4 });
        float[] bright = [.. Noise(1).Select(value => 50 * value)];

        var alone = encoder.EmbedImages([Noise(0)], TestContext.Current.CancellationToken);
        var beside = encoder.EmbedImages([bright, Noise(0)], TestContext.Current.CancellationToken);

        beside[1].Should().Equal(alone[0]);
    }

    /// <summary>One linear layer in the operators that ONNX Runtime's own tool writes: one scale for all rows.</summary>
    private static OnnxGraph PublishedInt8(int inputs, int outputs)
    {
        var graph = new OnnxGraph("published");
        var pixels = graph.Input("pixel_values", OnnxType.Float, "batch_size", 3, 32, 32);
        var flat = graph.Node("Reshape", [pixels, graph.Numbers(0, -1)]);
        byte[] values = [.. Enumerable.Range(0, inputs * outputs).Select(index => (byte)(index * 37))];
        var weight = graph.Tensor("w", OnnxMessages.Tensor("w", OnnxType.Int8, [inputs, outputs], values));
        var product = graph.NodeOf("com.microsoft", "DynamicQuantizeMatMul", [flat, weight, graph.Tensor("s", [0.01f], 1)]);
        graph.Output("image_embeds", product, OnnxType.Float, "batch_size", outputs);
        return graph;
    }

    [Fact]
    public void Encoders_of_one_folder_share_the_towers_and_not_the_call_size()
    {
        using var first = Open(ClipBackend.Torch);
        using var second = Open(ClipBackend.Torch);
        second.CallSize = 3;

        first.CallSize.Should().Be(16);
        first.SharesTowersWith(second).Should().BeTrue();
        second.Dispose();
        first.EmbedTexts(["still there"], TestContext.Current.CancellationToken).Should().ContainSingle();
    }

    [Fact]
    public void Bfloat16_is_near_float32()
    {
        using var exact = Open(ClipBackend.Torch);
        using var half = ClipEncoder.Open(
            Path.Combine(Case, "model"),
            new ClipSettings { Backend = ClipBackend.Torch, Compute = ComputeType.BFloat16 }
        );

        var pairs = exact
            .EmbedImages(Pixels(), TestContext.Current.CancellationToken)
            .Zip(half.EmbedImages(Pixels(), TestContext.Current.CancellationToken))
            .Concat(
                exact
                    .EmbedTexts(Texts(), TestContext.Current.CancellationToken)
                    .Zip(half.EmbedTexts(Texts(), TestContext.Current.CancellationToken))
            );

        pairs.Select(pair => Cosine(pair.First, pair.Second)).Min().Should().BeGreaterThan(0.999);
    }

    internal static double Cosine(float[] left, float[] right) => left.Zip(right, (a, b) => (double)a * b).Sum();

    private static ClipEncoder Open(ClipBackend backend) => ClipEncoder.Open(FolderOf(backend), new ClipSettings { Backend = backend });

    /// <summary>The same weights as safetensors and as graphs.</summary>
    private static string FolderOf(ClipBackend backend) =>
        Path.Combine(backend == ClipBackend.Onnx ? Path.Combine(GoldenSet.Fixtures, "onnx") : Case, "model");

    private static double Furthest(IReadOnlyList<float[]> got, float[] want) =>
        got.SelectMany(row => row).Zip(want, (a, b) => Math.Abs((double)a - b)).Max();

    private static float[][] Pixels()
    {
        using var inputs = SafetensorsFile.Read(Path.Combine(Case, "inputs.safetensors"));
        var stored = inputs.Tensor("pixel_values");
        return [.. Enumerable.Range(0, (int)stored.shape[0]).Select(index => stored[index].contiguous().data<float>().ToArray())];
    }

    private static string[] Texts() =>
        [
            .. GoldenCase
                .Read(Case)
                .File("inputs.safetensors")
                .Parameters.GetProperty("model_texts")
                .EnumerateArray()
                .Select(text => text.GetString()!),
        ];

    private static float[] Noise(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 3 * 32 * 32).Select(_ => (float)(random.NextDouble() * 4 - 2))];
    }
}
