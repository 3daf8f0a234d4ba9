using System.Text.Json.Nodes;
using Pipeline.Models.Clip;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Tests.Weights;

namespace Pipeline.Models.Tests.Clip;

public sealed class ClipConfigTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_left_out_has_transformers_defaults()
    {
        var config = Read("""{"model_type": "clip"}""");

        config.Architecture.Should().Be("clip ViT-B/32 224 quick_gelu");
        config.Dimension.Should().Be(512);
        config.Text.Should().Be(new ClipTextConfig(new ClipTower(512, 2048, 12, 8, 1e-5, ClipActivation.QuickGelu), 49_408, 77, 49_407));
        config.Vision.Should().Be(new ClipVisionConfig(new ClipTower(768, 3072, 12, 12, 1e-5, ClipActivation.QuickGelu), 224, 32));
        config.Vision.Positions.Should().Be(50);
    }

    /// <summary>The two forms in which published files hold the sections: OpenAI's ViT-L/14 and LAION's ViT-B/32.</summary>
    [Theory]
    [InlineData(
        """
            {"model_type": "clip", "projection_dim": 768, "text_config": {"hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072, "eos_token_id": 2, "dropout": 0.0},
             "text_config_dict": {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12, "projection_dim": 768},
             "vision_config": null, "vision_config_dict": {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": 14}}
            """,
        "clip ViT-L/14 224 quick_gelu"
    )]
    [InlineData(
        """{"architectures": ["CLIPModel"], "vision_config": {"hidden_act": "gelu"}, "text_config": {"hidden_act": "gelu"}}""",
        "clip ViT-B/32 224 gelu"
    )]
    [InlineData("""{"model_type": "clip", "vision_config": {"patch_size": 16}}""", "clip ViT-B/16 224 quick_gelu")]
    public void Published_forms_are_read(string json, string architecture) => Read(json).Architecture.Should().Be(architecture);

    [Theory]
    [InlineData(
        """{"model_type": "clip", "vision_config": {"qk_norm": true}}""",
        "*config.json*vision_config.qk_norm is true*may change the result*"
    )]
    [InlineData("""{"model_type": "clip", "text_config": {"hidden_act": "relu"}}""", "*text_config.hidden_act*relu*quick_gelu or gelu*")]
    [InlineData("""{"model_type": "clip", "text_config": {"hidden_size": -4}}""", "*text_config.hidden_size is -4*")]
    [InlineData("""{"model_type": "clip", "text_config": {"hidden_size": 1e30}}""", "*text_config.hidden_size is 1e30*")]
    [InlineData("""{"model_type": "clip", "text_config": {"num_attention_heads": 7}}""", "*num_attention_heads is 7*divisor*")]
    [InlineData("""{"model_type": "clip", "text_config": {"layer_norm_eps": 0}}""", "*layer_norm_eps*")]
    [InlineData("""{"model_type": "clip", "text_config": {"num_hidden_layers": 100000}}""", "*num_hidden_layers is 100000*")]
    [InlineData("""{"model_type": "clip", "text_config": {"is_decoder": true}}""", "*is_decoder is true*")]
    [InlineData("""{"model_type": "clip", "vision_config": {"num_channels": 4}}""", "*num_channels is 4*")]
    [InlineData("""{"model_type": "clip", "vision_config": 3}""", "*vision_config is 3*an object*")]
    [InlineData(
        """{"model_type": "clip", "vision_config": {"patch_size": 16}, "vision_config_dict": {"patch_size": 32}}""",
        "*patch_size is 16*vision_config_dict*"
    )]
    [InlineData("""{"model_type": "clip", """, "*config.json is no JSON*")]
    [InlineData("", "*config.json is no JSON*")]
    public void A_field_that_cannot_be_is_named(string json, string message)
    {
        var act = () => Read(json);

        act.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Theory]
    [InlineData("config.json", """{"model_type": "siglip"}""", "*found*SigLIP*")]
    [InlineData("config.json", """{"model_type": "chinese_clip"}""", "*Chinese CLIP*")]
    [InlineData("config.json", """{"model_type": "gpt2"}""", "*a model of type \"gpt2\"*")]
    [InlineData("config.json", """{"_class_name": "UNet2DConditionModel"}""", "*UNet2DConditionModel*")]
    [InlineData("model_index.json", """{"_class_name": "StableDiffusionXLPipeline"}""", "*SDXL*")]
    [InlineData("model_index.json", """{"_class_name": "StableDiffusion3Pipeline"}""", "*SD 3*")]
    [InlineData("model_index.json", """{"_class_name": "FluxPipeline"}""", "*Flux*")]
    [InlineData("open_clip_config.json", "{}", "*open_clip*")]
    public void Another_family_is_named_with_what_is_supported(string file, string json, string message)
    {
        File.WriteAllText(folder.File(file), json);

        var act = () => ClipConfig.Read(folder.Root);

        act.Should()
            .Throw<InvalidDataException>()
            .WithMessage(message.Replace("*found*", "*holds ", StringComparison.Ordinal))
            .WithMessage("*supported here is CLIP*");
    }

    [Fact]
    public void Weights_of_other_shapes_are_listed_before_memory_is_taken()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(GoldenSet.Fixtures, "clip", "model")))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        // A tower of 2.2 TB: the header of the file is compared first.
        var root = JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!;
        root["text_config"]!["hidden_size"] = 16_384;
        root["text_config"]!["intermediate_size"] = 65_536;
        root["text_config"]!["num_hidden_layers"] = 256;
        File.WriteAllText(folder.File("config.json"), root.ToJsonString());

        var act = () => ClipEncoder.Open(folder.Root, new ClipSettings());

        act.Should().Throw<InvalidDataException>().WithMessage("*model.safetensors*text_model.*wanted*");
    }

    private ClipConfig Read(string json)
    {
        File.WriteAllText(folder.File(ClipConfig.FileName), json);
        return ClipConfig.Read(folder.Root);
    }
}
