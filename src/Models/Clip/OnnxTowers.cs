using Pipeline.Models.Onnx;
using Pipeline.Models.Weights;

namespace Pipeline.Models.Clip;

/// <summary>Both towers on ONNX Runtime: <c>text_model.onnx</c> and <c>vision_model.onnx</c>, or <c>model.onnx</c> with both.</summary>
internal sealed class OnnxTowers : IClipTowers
{
    private const string Ids = "input_ids";
    private const string Mask = "attention_mask";
    private const string Pixels = "pixel_values";

    /// <summary>The factor of a folder without safetensors: what training clips it to (Radford et al. 2021, section 2.5), and what published models ended with.</summary>
    private const float UsualScale = 100;

    private readonly OnnxModel text;
    private readonly OnnxModel vision;
    private readonly ClipConfig config;

    private OnnxTowers(OnnxModel text, OnnxModel vision, ClipConfig config, float scale)
    {
        this.text = text;
        this.vision = vision;
        this.config = config;
        Scale = scale;
    }

    /// <inheritdoc/>
    public float Scale { get; }

    /// <summary>Whether the folder has graphs of this variant.</summary>
    public static bool AreIn(string folder, ClipSettings settings) => Files(folder, settings) is not null;

    /// <summary>Opens the graphs; their inputs and outputs are checked against the configuration before the first call.</summary>
    /// <exception cref="InvalidDataException">There are none, or they are those of another model; the message names file and port.</exception>
    public static OnnxTowers Open(string folder, ClipConfig config, ClipSettings settings)
    {
        var (textFile, visionFile) =
            Files(folder, settings)
            ?? throw new InvalidDataException(
                $"{folder} has no graph of CLIP with the quantization {settings.Variant}; it must have text_model.onnx and vision_model.onnx, or model.onnx, there or in onnx/. "
                    + "Fetch them, or set the backend to torch."
            );
        var options = new OnnxOptions
        {
            Device = settings.Device,
            Threads = settings.Threads,
            Notice = settings.Notice,
        };
        var texts = OnnxModel.Open(textFile, options);
        OnnxModel? images = null;
        try
        {
            images = OnnxModel.Open(visionFile, options);
            Check(texts, textFile, "text_embeds", config);
            Check(images, visionFile, "image_embeds", config);
            return new OnnxTowers(texts, images, config, ScaleOf(folder));
        }
        catch
        {
            images?.Dispose();
            texts.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Images(float[] pixels, int rows, float[] results)
    {
        var size = config.Vision.ImageSize;
        var length = 3 * size * size;
        InCalls(
            vision,
            rows,
            (first, count) =>
            {
                var part = pixels.AsMemory(first * length, count * length);
                var inputs = new List<OnnxInput> { OnnxInput.Of(Pixels, part, count, 3, size, size) };
                if (Has(vision, Ids))
                {
                    AddTexts(vision, new long[config.Text.Positions], 1, inputs);
                }

                vision.Run(inputs, [Output("image_embeds", results, first, count)]);
            }
        );
    }

    /// <inheritdoc/>
    public void Texts(long[] ids, int rows, float[] results)
    {
        var length = ids.Length / rows;
        InCalls(
            text,
            rows,
            (first, count) =>
            {
                var inputs = new List<OnnxInput>();
                AddTexts(text, ids.AsMemory(first * length, count * length), count, inputs);
                if (Has(text, Pixels))
                {
                    var size = config.Vision.ImageSize;
                    inputs.Add(OnnxInput.Of(Pixels, new float[3 * size * size], 1, 3, size, size));
                }

                text.Run(inputs, [Output("text_embeds", results, first, count)]);
            }
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        text.Dispose();
        vision.Dispose();
    }

    /// <summary>A pooled state sees nothing after its own place, so that a mask of ones gives what one with zeros over the padding gives.</summary>
    private static void AddTexts(OnnxModel graph, ReadOnlyMemory<long> ids, int rows, List<OnnxInput> inputs)
    {
        long[] shape = [rows, ids.Length / rows];
        inputs.Add(OnnxInput.Of(Ids, ids, shape));
        if (Has(graph, Mask))
        {
            var ones = new long[ids.Length];
            Array.Fill(ones, 1);
            inputs.Add(OnnxInput.Of(Mask, ones, shape));
        }
    }

    /// <summary>All rows in one call; row by row where the graph takes one scale for all that a call holds, which would make neighbours of them.</summary>
    private static void InCalls(OnnxModel graph, int rows, Action<int, int> call)
    {
        var step = graph.MixesRows ? 1 : rows;
        for (var first = 0; first < rows; first += step)
        {
            call(first, step);
        }
    }

    private OnnxOutput Output(string name, float[] results, int first, int count) =>
        new(name, results.AsMemory(first * config.Dimension, count * config.Dimension), count, config.Dimension);

    private static bool Has(OnnxModel graph, string input) => graph.Inputs.Any(port => port.Name == input);

    private static void Check(OnnxModel graph, string file, string output, ClipConfig config)
    {
        var shape = graph.Output(output).Shape;
        if (shape.Count != 2 || (shape[1] != -1 && shape[1] != config.Dimension))
        {
            throw new InvalidDataException(
                $"{file}: the output {graph.Output(output)} must be [batch, {config.Dimension}], as projection_dim of config.json says. Check that both belong to one model."
            );
        }

        foreach (var port in graph.Inputs)
        {
            var size = config.Vision.ImageSize;
            long[] wanted = port.Name switch
            {
                Ids or Mask => [-1, config.Text.Positions],
                Pixels => [-1, 3, size, size],
                _ => throw new InvalidDataException(
                    $"{file}: the input {port} is not known; a CLIP graph has {Ids}, {Mask} and {Pixels}. Take a graph exported by Optimum."
                ),
            };
            if (
                port.Shape.Count != wanted.Length
                || port.Shape.Zip(wanted).Any(pair => pair.First != -1 && pair.Second != -1 && pair.First != pair.Second)
            )
            {
                throw new InvalidDataException(
                    $"{file}: the input {port} must be [batch, {string.Join(", ", wanted.Skip(1))}], as config.json says. Check that both belong to one model."
                );
            }
        }
    }

    private static float ScaleOf(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "model.safetensors")) && !File.Exists(Path.Combine(folder, "model.safetensors.index.json")))
        {
            return UsualScale;
        }

        using var weights = WeightFiles.Open(folder);
        return TorchTowers.ReadScale(weights);
    }

    /// <summary>Two graphs before one with both, which computes both for each.</summary>
    private static (string Text, string Vision)? Files(string folder, ClipSettings settings)
    {
        var (words, pictures) = (Find("text_model"), Find("vision_model"));
        return words is not null && pictures is not null ? (words, pictures)
            : Find("model") is { } both ? (both, both)
            : null;

        string? Find(string stem) => OnnxFolder.TryFind(folder, stem, settings.Variant);
    }
}
