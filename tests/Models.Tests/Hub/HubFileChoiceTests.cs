using Pipeline.Models.Hub.Download;

namespace Pipeline.Models.Tests.Hub;

public sealed class HubFileChoiceTests
{
    private static readonly string[] Transformers =
    [
        ".gitattributes",
        "README.md",
        "config.json",
        "flax_model.msgpack",
        "merges.txt",
        "model.safetensors",
        "preprocessor_config.json",
        "pytorch_model.bin",
        "tf_model.h5",
        "tokenizer.json",
        "vocab.json",
    ];

    [Fact]
    public void Safetensors_go_before_checkpoints()
    {
        var got = new HubFileChoice().Of(Transformers);

        got.Should()
            .Equal(
                "README.md",
                "config.json",
                "merges.txt",
                "model.safetensors",
                "preprocessor_config.json",
                "tokenizer.json",
                "vocab.json"
            );
    }

    [Fact]
    public void Checkpoint_is_got_where_there_is_nothing_else()
    {
        new HubFileChoice().Of(Transformers.Where(path => path != "model.safetensors")).Should().Contain("pytorch_model.bin");
        new HubFileChoice().Of(["sac+logos+ava1-l14-linearMSE.pth", "x.md"]).Should().Equal("sac+logos+ava1-l14-linearMSE.pth");
    }

    [Fact]
    public void Parts_come_with_their_index_and_without_variants()
    {
        string[] files =
        [
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.fp16.safetensors",
            "model.safetensors.index.json",
            "model.fp16.safetensors.index.json",
            "pytorch_model-00001-of-00001.bin",
            "pytorch_model.bin.index.json",
        ];

        var got = new HubFileChoice().Of(files);

        got.Should().Equal("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json");
    }

    [Fact]
    public void Same_weights_by_another_programs_names_stay()
    {
        new HubFileChoice()
            .Of(["model.safetensors", "open_clip_model.safetensors", "open_clip_config.json"])
            .Should()
            .Equal("model.safetensors", "open_clip_config.json");
        new HubFileChoice().Of(["open_clip_model.safetensors"]).Should().Equal("open_clip_model.safetensors");
        new HubFileChoice()
            .Of([
                "model_index.json",
                "v1-5-pruned.safetensors",
                "unet/diffusion_pytorch_model.safetensors",
                "unet/diffusion_pytorch_model.fp16.safetensors",
            ])
            .Should()
            .Equal("model_index.json", "unet/diffusion_pytorch_model.safetensors");
    }

    [Theory]
    [InlineData(false, null, "config.json onnx/text_model.onnx onnx/vision_model.onnx onnx/vision_model.onnx_data")]
    [InlineData(false, "quantized", "config.json onnx/text_model_quantized.onnx")]
    [InlineData(false, "fp16", "config.json onnx/text_model_fp16.onnx")]
    public void Variant_of_a_graph_is_the_one_that_is_wanted(bool onnx, string? variant, string wanted)
    {
        string[] files =
        [
            "config.json",
            "onnx/text_model.onnx",
            "onnx/text_model_fp16.onnx",
            "onnx/text_model_quantized.onnx",
            "onnx/vision_model.onnx",
            "onnx/vision_model.onnx_data",
        ];

        new HubFileChoice(onnx, variant).Of(files).Should().Equal(wanted.Split(' '));
    }

    [Fact]
    public void Graphs_come_beside_safetensors_when_asked_for()
    {
        new HubFileChoice().Of(["model.safetensors", "model.onnx"]).Should().Equal("model.safetensors");
        new HubFileChoice(Onnx: true).Of(["model.safetensors", "model.onnx"]).Should().Equal("model.onnx", "model.safetensors");
    }
}
