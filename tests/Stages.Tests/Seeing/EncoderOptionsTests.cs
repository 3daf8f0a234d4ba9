using Pipeline.Sdk;
using Pipeline.Stages.Duplicates;
using Pipeline.Stages.Edit;
using Pipeline.Stages.Embed;
using Pipeline.Stages.Giqa;
using Pipeline.Stages.Quality;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Safety;
using Pipeline.Stages.Semantic;

namespace Pipeline.Stages.Tests.Seeing;

public sealed class EncoderOptionsTests
{
    private static IEnumerable<string> Faults(IStageOptions options) => options.Faults("s");

    [Fact]
    public void Defaults_are_good()
    {
        IStageOptions[] options =
        [
            new EmbedOptions(),
            new SemanticOptions { Preset = "cub" },
            new SemanticOriginalsOptions { Tasks = ["a photo of a bird"] },
            new QualityOptions(),
            new SafetyOptions(),
            new SafetyOriginalsOptions(),
            new GiqaOptions(),
            new DuplicatesOptions(),
        ];

        options.SelectMany(Faults).Should().BeEmpty();
    }

    [Fact]
    public void Both_ends_of_every_range_are_held()
    {
        IStageOptions[] good =
        [
            new EmbedOptions
            {
                CallSize = 1,
                Threads = 256,
                Workers = 256,
                Dtype = "bf16",
                Backend = "torch",
            },
            new EmbedOptions
            {
                CallSize = 1024,
                Threads = 0,
                Quantization = "quantized",
                Backend = "onnx",
            },
            new SemanticOptions
            {
                Preset = "cub",
                MinImageToSource = -1,
                MinImageToPrompt = 1,
                MinDirectional = 1,
            },
            new SafetyOptions { Line = 1, CallSize = 256 },
            new QualityOptions { MinSharpness = 0, MaxClipped = 1 },
            new QualityOptions { Limits = "instructdiffusion", Aesthetic = "a/b" },
            new GiqaOptions { Neighbours = 99, MinPercentile = 100 },
            new DuplicatesOptions { Distance = 15, Cosine = 1 },
            new EditOptions { Remake = 3, Checker = "builtin:nsfw-mobilenet-v2" },
        ];
        IStageOptions[] bad =
        [
            new EmbedOptions { Model = "" },
            new EmbedOptions { CallSize = 0 },
            new EmbedOptions { CallSize = 1025 },
            new EmbedOptions { Threads = 257 },
            new EmbedOptions { Workers = -1 },
            new EmbedOptions { Dtype = "float16" },
            new EmbedOptions { Backend = "cuda" },
            new EmbedOptions { Preprocess = "slow" },
            new EmbedOptions { Quantization = "int8", Backend = "torch" },
            new SemanticOptions(),
            new SemanticOptions { Preset = "cats" },
            new SemanticOptions { Preset = "cub", MinDirectional = 1.01 },
            new SemanticOptions { Preset = "cub", MinImageToSource = double.NaN },
            new SemanticOptions { Preset = "cub", SourceText = "a bird" },
            new SemanticOptions { Tasks = ["a photo"] },
            new SemanticOriginalsOptions { Preset = "library" },
            new SafetyOptions { Line = 0 },
            new SafetyOptions { CallSize = 257 },
            new QualityOptions { MinScore = 5 },
            new QualityOptions { Limits = "instructdiffusion" },
            new QualityOptions { Limits = "other" },
            new QualityOptions { MaxClipped = 1.1 },
            new QualityOptions { MinSharpness = -1 },
            new GiqaOptions { Neighbours = 0 },
            new GiqaOptions { Neighbours = 100 },
            new GiqaOptions { MinPercentile = 100.1 },
            new DuplicatesOptions { Distance = 16 },
            new DuplicatesOptions { Cosine = 0 },
            new EditOptions { Remake = 4, Checker = "builtin:nsfw-mobilenet-v2" },
            new EditOptions { Remake = 1 },
        ];

        good.SelectMany(Faults).Should().BeEmpty();
        bad.Select(options => Faults(options).Count()).Should().OnlyContain(count => count == 1);
    }

    [Fact]
    public void Published_prompts_are_as_published_with_their_source()
    {
        SemanticPrompts
            .Published.Keys.Should()
            .BeEquivalentTo("cub", "cub-txt2img", "iwildcam", "iwildcam-txt2img", "library", "planes", "waterbirds");
        SemanticPrompts.Published.Values.Should().OnlyContain(set => set.Source.Length > 20 && set.Negatives.Count >= 5);
        SemanticPrompts.Published["planes"].Negatives.Should().Contain("a black iamge");
        SemanticPrompts.Of("iwildcam", [], []).Tasks.Should().Equal("a wildlife photo");
        SemanticPrompts.Of(null, ["a cat"], []).Negatives.Should().Equal(SemanticPrompts.Published["library"].Negatives);
        SemanticPrompts.Of("cub", ["a cat"], ["a dog"]).Should().BeEquivalentTo(new SemanticPrompts(["a cat"], ["a dog"]));
    }

    [Theory]
    [InlineData(
        "duplicates: { after: [hash, embed, embed-edits] }",
        "model: a/b",
        "model is openai/clip-vit-large-patch14",
        "model is a/b"
    )]
    [InlineData("duplicates: { after: [hash, embed, embed-edits] }", "backend: onnx", "backend is auto", "backend is onnx")]
    [InlineData("giqa: { after: [embed, embed-edits] }", "backend: onnx", "backend is auto", "backend is onnx")]
    public void What_compares_originals_and_edits_refuses_embeddings_of_two_encoders(string stage, string other, string one, string two)
    {
        string Yaml(string edits) =>
            $"pipeline: p\nstages:\n  ingest: {{}}\n  hash: {{}}\n  embed: {{ after: ingest }}\n  caption: {{ after: embed }}\n  describe: {{}}\n"
            + $"  edit: {{ after: caption }}\n  embed-edits: {{ {edits} }}\n  {stage}";

        var alike = () => PipelineFile.Read(Yaml(""), "my.yaml", RunSession.Catalog, []);
        var apart = () => PipelineFile.Read(Yaml(other), "my.yaml", RunSession.Catalog, []);

        alike.Should().NotThrow();
        apart.Should().Throw<PipelineFileException>().WithMessage($"*embed.{one} and embed-edits.{two}; *");
    }

    [Theory]
    [InlineData(
        "embed-edits: { model: a/b }",
        "semantic.model is openai/clip-vit-large-patch14 and embed-edits.model is a/b; *set semantic.model=a/b."
    )]
    [InlineData("embed-edits: { preprocess: fast }", "semantic.preprocess is exact and embed-edits.preprocess is fast; *")]
    [InlineData("embed-edits: { callSize: 4, threads: 1 }", null)]
    public void Embeddings_of_another_encoder_are_refused_when_the_pipeline_is_checked(string embed, string? fault)
    {
        var yaml =
            $"pipeline: p\nstages:\n  ingest: {{}}\n  caption: {{}}\n  describe: {{}}\n  edit: {{ after: caption }}\n  {embed}\n  semantic: {{ preset: cub }}";

        var read = () => PipelineFile.Read(yaml, "my.yaml", RunSession.Catalog, []);

        if (fault is null)
        {
            read.Should().NotThrow();
        }
        else
        {
            read.Should().Throw<PipelineFileException>().Which.Faults.Should().ContainSingle().Which.Should().Match(fault);
        }
    }

    [Theory]
    [InlineData("safety: {}", true)]
    [InlineData("safety: { line: 0.4 }", false)]
    [InlineData("hash-edits: {}", false)]
    public void Edits_are_made_again_only_where_a_safety_stage_judges_the_last_attempt_alike(string after, bool good)
    {
        var yaml =
            $"pipeline: p\nstages:\n  ingest: {{}}\n  caption: {{}}\n  describe: {{}}\n  edit: {{ after: caption, remake: 2, checker: 'builtin:nsfw-mobilenet-v2' }}\n  {after}";

        var read = () => PipelineFile.Read(yaml, "my.yaml", RunSession.Catalog, []);

        if (good)
        {
            read.Should().NotThrow();
        }
        else
        {
            read.Should()
                .Throw<PipelineFileException>()
                .Which.Faults.Should()
                .ContainSingle()
                .Which.Should()
                .StartWith("edit.checker is builtin:nsfw-mobilenet-v2");
        }
    }
}
