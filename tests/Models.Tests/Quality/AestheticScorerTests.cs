using Pipeline.Models.Quality;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Quality;

public sealed class AestheticScorerTests : IDisposable
{
    private static readonly (int Place, long Out, long In)[] Published =
    [
        (0, 1024, 768),
        (2, 128, 1024),
        (4, 64, 128),
        (6, 16, 64),
        (7, 1, 16),
    ];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Five_layers_of_the_published_widths_fold_into_one_map_within_1e_4()
    {
        using var scope = NewDisposeScope();
        var path = Mlp("mlp.safetensors");
        using var file = SafetensorsFile.Read(path);
        var layers = AestheticMlp.Layers(file);
        var scorer = AestheticScorer.Open(path);
        var random = new Random(3);

        for (var round = 0; round < 50; round++)
        {
            var embedding = UnitLength.Of([.. Enumerable.Range(0, 768).Select(_ => (float)(random.NextDouble() - 0.5))]);
            var through = layers.Aggregate(embedding, (values, layer) => layer.Apply(values))[0];

            scorer.Score(embedding).Should().BeApproximately(through, 1e-4f);
        }

        scorer.Architecture.Should().Be("clip ViT-L/14 224 quick_gelu");
    }

    [Theory]
    [InlineData(768, "linear.safetensors", "clip ViT-L/14 224 quick_gelu")]
    [InlineData(512, "sa_0_4_vit_b_32_linear.safetensors", "clip ViT-B/32 224 quick_gelu")]
    [InlineData(512, "sa_0_4_vit_b_16_linear.safetensors", "clip ViT-B/16 224 quick_gelu")]
    public void The_encoder_is_told_by_width_and_published_name(int width, string name, string architecture)
    {
        Linear(name, width);

        AestheticScorer.Open(folder.Root).Architecture.Should().Be(architecture);
    }

    [Fact]
    public void A_linear_score_is_its_formula()
    {
        var path = folder.File("vit_b_32.safetensors");
        SafetensorsFile.Write(path, [("weight", full([1, 512], 0.5f)), ("bias", tensor(new[] { 2f }))]);
        var embedding = new float[512];
        (embedding[3], embedding[500]) = (0.6f, -0.8f);

        AestheticScorer.Open(path).Score(embedding).Should().BeApproximately(1.9f, 1e-6f);
        AestheticScorer.Open(path).Score(new float[512]).Should().Be(2);
    }

    [Fact]
    public void An_embedding_is_brought_to_length_1_and_zeros_stay_zeros()
    {
        UnitLength.Of([3, 0, -4]).Should().Equal(0.6f, 0, -0.8f);
        UnitLength.Of(new float[5]).Should().Equal(new float[5]);
    }

    [Fact]
    public void At_512_values_without_a_name_the_encoder_cannot_be_told()
    {
        var path = Linear("linear.safetensors", 512);

        var open = () => AestheticScorer.Open(path);

        open.Should().Throw<InvalidDataException>().WithMessage("*linear.safetensors*ViT-B/32 and ViT-B/16*b_32 or b_16*");
        AestheticScorer.Open(path, AestheticScorer.BasePatch16).Architecture.Should().Be(AestheticScorer.BasePatch16);
    }

    [Fact]
    public void Another_encoder_than_theirs_is_an_error()
    {
        var scorer = AestheticScorer.Open(Linear("linear.safetensors", 768));

        var check = () => AestheticScorer.CheckEncoder(scorer, new NamedEncoder("clip ViT-L/14 224 gelu"));

        check.Should().Throw<InvalidDataException>().WithMessage("*'clip ViT-L/14 224 gelu'*'clip ViT-L/14 224 quick_gelu'*");
        AestheticScorer.CheckEncoder(scorer, new NamedEncoder("clip ViT-L/14 224 quick_gelu"));
    }

    [Fact]
    public void An_embedding_of_another_length_is_an_error()
    {
        var scorer = AestheticScorer.Open(Linear("linear.safetensors", 768));

        var score = () => scorer.Score(new float[512]);

        score.Should().Throw<ArgumentException>().WithMessage("*512 values; it must have 768*");
    }

    [Fact]
    public void A_missing_and_an_unknown_tensor_are_named_together()
    {
        var path = Mlp("mlp.safetensors", drop: "layers.4.bias", add: "layers.8.bias");

        var open = () => AestheticScorer.Open(path);

        open.Should().Throw<InvalidDataException>().WithMessage("*mlp.safetensors*layers.8.bias*must be*layers.4.bias*");
    }

    [Fact]
    public void Layers_that_do_not_follow_each_other_are_refused()
    {
        var path = Mlp("mlp.safetensors", middle: 63);

        var open = () => AestheticScorer.Open(path);

        open.Should().Throw<InvalidDataException>().WithMessage("*layers.6.weight takes 64 values; it must take the 63*layers.4*");
    }

    [Fact]
    public void A_pth_file_is_refused_with_the_command_that_converts_it()
    {
        var path = folder.File("sa_0_4_vit_l_14_linear.pth");
        File.WriteAllBytes(path, [1]);

        var file = () => AestheticScorer.Open(path);
        var whole = () => AestheticScorer.Open(folder.Root);

        file.Should().Throw<InvalidDataException>().WithMessage("*.pth file*pipeline models convert*");
        whole.Should().Throw<InvalidDataException>().WithMessage("*0 .safetensors files*pipeline models convert*");
    }

    private string Linear(string name, int width)
    {
        SafetensorsFile.Write(folder.File(name), [("weight", randn(1, width)), ("bias", randn(1))]);
        return folder.File(name);
    }

    private string Mlp(string name, string? drop = null, string? add = null, long middle = 64)
    {
        var tensors = new List<(string Name, Tensor)>();
        var generator = new Generator(5);
        foreach (var (place, to, from) in Published)
        {
            var outputs = place == 4 ? middle : to;
            tensors.Add(($"layers.{place}.weight", randn([outputs, from], generator: generator) / Math.Sqrt(from)));
            tensors.Add(($"layers.{place}.bias", randn([outputs], generator: generator)));
        }

        tensors.RemoveAll(item => item.Name == drop);
        if (add is not null)
        {
            tensors.Add((add, zeros(1)));
        }

        SafetensorsFile.Write(folder.File(name), tensors);
        return folder.File(name);
    }

    /// <summary>An encoder that only has a name.</summary>
    private sealed class NamedEncoder(string architecture) : IImageTextEncoder
    {
        public string Architecture => architecture;
        public int Dimension => 768;
        public float Scale => 100;
        public int CallSize { get; set; } = 1;
        public long CutTexts => 0;

        public float[] Prepare(byte[] image) => throw new InvalidOperationException();

        public IReadOnlyList<float[]> EmbedImages(IReadOnlyList<float[]> pixels, CancellationToken stop) =>
            throw new InvalidOperationException();

        public IReadOnlyList<float[]> EmbedTexts(IReadOnlyList<string> texts, CancellationToken stop) =>
            throw new InvalidOperationException();

        public void Dispose() { }
    }
}
