using System.Text.Json;
using Pipeline.Models.Clip;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>transformers' CLIP: token ids, preprocessing, and every state and output of a tiny model.</summary>
public sealed class ClipGolden : IGoldenCode
{
    /// <summary>A folder with OpenAI's vocabulary, where the set has none of its own.</summary>
    public const string TokenizerVariable = "PIPELINE_CLIP_TOKENIZER";

    public const string TokensFile = "tokens.json";

    private const string Inputs = "inputs.safetensors";

    public string Case => "clip";

    public Action<GoldenFile, GoldenReport>? For(string file) =>
        file switch
        {
            TokensFile => Tokens,
            Inputs => ModelInputs,
            "expected.safetensors" => Outputs,
            _ when file.StartsWith("preprocess", StringComparison.Ordinal) && file.EndsWith(".safetensors", StringComparison.Ordinal) =>
                Preprocessing,
            _ => null,
        };

    /// <summary>The folder with OpenAI's vocabulary: beside the case, or as the variable says; null for none.</summary>
    public static string? Vocabulary(string folder)
    {
        var beside = Path.Combine(folder, "tokenizer-openai");
        return Directory.Exists(beside) ? beside
            : Environment.GetEnvironmentVariable(TokenizerVariable) is { Length: > 0 } named ? named
            : null;
    }

    private static void Tokens(GoldenFile file, GoldenReport report)
    {
        if (Vocabulary(file.Folder) is not { } folder)
        {
            Assert.Skip($"{file.Name}: the set has no tokenizer-openai; name a folder with OpenAI's vocabulary in {TokenizerVariable}.");
            return;
        }

        var tokenizer = ClipTokenizer.Read(folder);
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(file.Folder, file.Name)));
        foreach (var (row, index) in document.RootElement.EnumerateArray().Select((row, index) => (row, index)))
        {
            ClipTokensGolden.Compare(row, $"{index}", tokenizer, report);
        }
    }

    private static void Preprocessing(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        var folder = Path.GetDirectoryName(Path.Combine(file.Folder, file.Name))!;
        foreach (var (name, entry) in stored.Entries)
        {
            var preprocessing = ClipPreprocessing.Read(Path.Combine(folder, ClipPreprocessing.FileName), (int)entry.Shape[2]);
            var parts = name.Split("_rows_");
            var pixels = Pixels(preprocessing, file, parts[0]);
            if (parts.Length > 1)
            {
                var rows = parts[1].Split('_').Select(long.Parse).ToArray();
                pixels = pixels.narrow(1, rows[0], rows[1] - rows[0] + 1);
            }

            report.Compare(name, pixels, stored.Tensor(name));
        }
    }

    private static void ModelInputs(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        var folder = Path.Combine(file.Folder, "model");
        var config = ClipConfig.Read(folder);
        var (ids, mask) = Encoded(ClipTokenizer.Read(folder), config.Text, Texts(file));
        foreach (var name in stored.Entries.Keys)
        {
            report.Compare(
                name,
                name switch
                {
                    "input_ids" => ids,
                    "attention_mask" => mask,
                    "pixel_values" => AllPixels(file, folder, config),
                    _ => throw new InvalidDataException($"{name} is of an unknown form; write code for it."),
                },
                stored.Tensor(name)
            );
        }
    }

    private static void Outputs(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        using var inputs = SafetensorsFile.Read(Path.Combine(file.Folder, Inputs));
        using var quiet = no_grad();
        using var model = ClipReference.Load(Path.Combine(file.Folder, "model"));
        var values = model.Outputs(inputs.Tensor("input_ids"), inputs.Tensor("attention_mask"), inputs.Tensor("pixel_values"));
        foreach (var name in stored.Entries.Keys)
        {
            var got = values.TryGetValue(name, out var value)
                ? value
                : throw new InvalidDataException($"{name} is of an unknown form; write code for it.");
            report.Compare(name, got, stored.Tensor(name));
        }
    }

    private static string[] Texts(GoldenFile file) =>
        [.. file.Parameters.GetProperty("model_texts").EnumerateArray().Select(text => text.GetString()!)];

    private static Tensor AllPixels(GoldenFile file, string folder, ClipConfig config)
    {
        var preprocessing = ClipPreprocessing.Read(Path.Combine(folder, ClipPreprocessing.FileName), config.Vision.ImageSize);
        return stack(
            file.Parameters.GetProperty("images").EnumerateArray().Select(name => Pixels(preprocessing, file, name.GetString()!)).ToArray()
        );
    }

    private static Tensor Pixels(ClipPreprocessing preprocessing, GoldenFile file, string image) =>
        tensor(
            preprocessing.Prepare(File.ReadAllBytes(Path.Combine(file.Folder, "images", $"{image}.png"))),
            [3, preprocessing.Size, preprocessing.Size]
        );

    private static (Tensor Ids, Tensor Mask) Encoded(ClipTokenizer tokenizer, ClipTextConfig config, string[] texts)
    {
        var ids = new long[texts.Length * config.Positions];
        var mask = new long[ids.Length];
        for (var row = 0; row < texts.Length; row++)
        {
            var used = tokenizer.Encode(texts[row], ids.AsSpan(row * config.Positions, config.Positions));
            mask.AsSpan(row * config.Positions, Math.Min(used, config.Positions)).Fill(1);
        }

        return (tensor(ids, [texts.Length, config.Positions]), tensor(mask, [texts.Length, config.Positions]));
    }
}
