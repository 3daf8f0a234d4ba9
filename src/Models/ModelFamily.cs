using System.Text.Json;

namespace Pipeline.Models;

/// <summary>Tells which family of models a folder holds, so that one that is not supported is named and not misread.</summary>
public static class ModelFamily
{
    /// <summary>CLIP with both towers, in transformers' layout.</summary>
    public const string Clip = "CLIP";

    private const string Index = "model_index.json";
    private const string OpenClip = "open_clip_config.json";

    /// <summary><c>model_type</c> of config.json.</summary>
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["clip"] = Clip,
        ["clip_text_model"] = "CLIP's text tower alone",
        ["clip_vision_model"] = "CLIP's vision tower alone",
        ["siglip"] = "SigLIP",
        ["siglip2"] = "SigLIP 2",
        ["siglip_vision_model"] = "SigLIP's vision tower alone",
        ["chinese_clip"] = "Chinese CLIP",
        ["altclip"] = "AltCLIP",
        ["clipseg"] = "CLIPSeg",
        ["metaclip_2"] = "MetaCLIP 2",
        ["align"] = "ALIGN",
        ["owlvit"] = "OWL-ViT",
        ["blip"] = "BLIP",
        ["blip-2"] = "BLIP-2",
        ["vit"] = "a ViT classifier",
        ["t5"] = "T5",
    };

    /// <summary><c>_class_name</c> of model_index.json.</summary>
    private static readonly Dictionary<string, string> Pipelines = new(StringComparer.Ordinal)
    {
        ["StableDiffusionPipeline"] = "Stable Diffusion 1 or 2",
        ["StableDiffusionImg2ImgPipeline"] = "Stable Diffusion 1 or 2",
        ["StableDiffusionInpaintPipeline"] = "Stable Diffusion inpainting",
        ["StableDiffusionInstructPix2PixPipeline"] = "InstructPix2Pix",
        ["StableDiffusionXLPipeline"] = "SDXL",
        ["StableDiffusionXLImg2ImgPipeline"] = "SDXL",
        ["StableDiffusionXLInpaintPipeline"] = "SDXL",
        ["StableDiffusionXLInstructPix2PixPipeline"] = "SDXL InstructPix2Pix",
        ["StableDiffusion3Pipeline"] = "SD 3",
        ["StableDiffusion3Img2ImgPipeline"] = "SD 3",
        ["FluxPipeline"] = "Flux",
        ["FluxImg2ImgPipeline"] = "Flux",
        ["FluxKontextPipeline"] = "Flux Kontext",
        ["PixArtAlphaPipeline"] = "PixArt-α",
        ["KandinskyV22Pipeline"] = "Kandinsky 2.2",
    };

    /// <summary>The family's name for people, as the folder's <c>model_index.json</c> or <c>config.json</c> says.</summary>
    /// <exception cref="InvalidDataException">Neither file is there, or it does not say.</exception>
    public static string Of(string folder)
    {
        var index = Path.Combine(folder, Index);
        if (File.Exists(index))
        {
            var name = ConfigObject.Read(index).Text("_class_name") ?? "";
            return Pipelines.GetValueOrDefault(name, $"a pipeline of class \"{name}\"");
        }

        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path) && File.Exists(Path.Combine(folder, OpenClip)))
        {
            return "CLIP in open_clip's layout alone";
        }

        var config = ConfigObject.Read(path);
        return config.Text("model_type") is { } type ? Types.GetValueOrDefault(type, $"a model of type \"{type}\"") : WithoutType(config);
    }

    /// <summary>Refuses a folder of another family.</summary>
    /// <exception cref="InvalidDataException">The message names what was found and what is supported.</exception>
    public static void MustBe(string folder, string family)
    {
        var found = Of(folder);
        if (found != family)
        {
            throw new InvalidDataException(
                $"{folder} holds {found}; supported here is {family} (config.json of transformers with model_type \"clip\"). Name a folder of that family."
            );
        }
    }

    /// <summary>Files from before <c>model_type</c> have both sections of CLIP, or a class.</summary>
    private static string WithoutType(ConfigObject config)
    {
        if (config.Raw("architectures") is { ValueKind: JsonValueKind.Array } classes && classes.GetArrayLength() > 0)
        {
            return classes[0].ToString() == "CLIPModel" ? Clip : $"a model of class \"{classes[0]}\"";
        }

        return config.Text("_class_name") is { } part ? $"a part of a diffusion pipeline, {part}" : "a model that does not say its type";
    }
}
