using Pipeline.Models.Weights;
using Pipeline.OnnxGraphs;
using static TorchSharp.torch;

namespace Pipeline.Benchmarks.Encoders;

/// <summary>A folder of a CLIP ViT-B/32 with drawn weights: graphs, safetensors with the same values, tokenizer and configurations.</summary>
internal static class DrawnClip
{
    /// <summary>The graph of the images' tower.</summary>
    public static string VisionGraph(string folder) => Path.Combine(folder, "onnx", "vision_model.onnx");

    /// <summary>Writes all files of the model.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["logit_scale"] = tensor(MathF.Log(100)) };
        var drawn = Weights.Seeded(7);
        float[] Keep(string name, IReadOnlyList<long> shape)
        {
            var values = drawn(name, shape);
            tensors[name] = tensor(values, [.. shape]);
            return values;
        }

        var graphs = new ClipGraphs();
        graphs.VisionModel(Keep).Save(VisionGraph(folder));
        graphs.TextModel(Keep).Save(Path.Combine(folder, "onnx", "text_model.onnx"));
        SafetensorsFile.Write(Path.Combine(folder, "model.safetensors"), tensors.Select(item => (item.Key, item.Value)));
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type": "clip"}""");
        File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), "{}");
        DrawnVocabulary.Write(folder);
    }
}
