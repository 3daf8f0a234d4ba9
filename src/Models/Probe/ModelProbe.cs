using System.Globalization;
using System.Text.Json;
using Pipeline.Models.Clip;
using Pipeline.Models.Images;
using Pipeline.Models.ResNet;
using Pipeline.Models.Safety;
using Pipeline.Models.Training;
using static TorchSharp.torch;

namespace Pipeline.Models.Probe;

/// <summary>Tries a model's folder on one picture: whether it loads, and whether what it says makes sense to a person.</summary>
public static class ModelProbe
{
    private const string Config = "config.json";
    private const int MostConfigBytes = 16 << 20;
    private const int MostRanked = 5;
    private const string Supported =
        "CLIP (model_type clip), a safety checker (StableDiffusionSafetyChecker, nsfw-mobilenet-v2), a ResNet-18 or -50 (architecture), or a classifier that a run trained";

    /// <summary>Texts between which a CLIP model chooses; the first is true of <see cref="ProbePicture"/>.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    ["a drawing of a red house", "a photo of a dog", "a photo of a car in the rain", "a bowl of fruit", "a page of text"];

    /// <summary>Loads the model and calls it once; CPU.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="picture">An encoded image.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="InvalidDataException">The folder holds no model of a known family, or a file of it is missing or broken; the message names it.</exception>
    public static ProbeReport Look(string folder, byte[] picture, CancellationToken stop)
    {
        var (path, config) = Read(folder);
        var type = Text(config, "model_type");
        var architecture = Text(config, "architecture") ?? "";
        return Text(config, "classNames") is not null ? OfClassifier(folder, picture, stop)
            : type == NsfwClassifier.ModelType ? OfNsfw(folder, picture, stop)
            : Has(config, "architectures", "StableDiffusionSafetyChecker") ? OfChecker(folder, picture, stop)
            : type == "clip" ? OfClip(folder, picture, stop)
            : architecture is "resnet18" or "resnet50" ? OfResNet(folder, architecture, Number(config, "num_classes") ?? 1000, picture)
            : throw new InvalidDataException(
                $"{path} describes {(type is null ? $"the architecture '{architecture}'" : $"model_type '{type}'")}; it must be {Supported}. Check another model."
            );
    }

    private static ProbeReport OfClip(string folder, byte[] picture, CancellationToken stop)
    {
        using var encoder = ClipEncoder.Open(folder, new ClipSettings { CallSize = 1 });
        var image = encoder.EmbedImages([encoder.Prepare(picture)], stop)[0];
        var scores = encoder.EmbedTexts(Texts, stop).Select(text => encoder.Scale * text.Zip(image, (a, b) => a * b).Sum()).ToArray();
        return new ProbeReport(encoder.Architecture, Rank(Texts, Softmax.Of(scores)), "");
    }

    private static ProbeReport OfNsfw(string folder, byte[] picture, CancellationToken stop)
    {
        using var checker = NsfwClassifier.Open(folder, new SafetySettings { CallSize = 1 });
        var pixels = checker.Prepare(picture);
        var verdict = Told(checker.Check([pixels], stop)[0]);
        return new ProbeReport(NsfwClassifier.ModelType, Rank(NsfwClassifier.Classes, checker.Probabilities([pixels], stop)[0]), verdict);
    }

    private static ProbeReport OfChecker(string folder, byte[] picture, CancellationToken stop)
    {
        using var checker = SafetyCheckers.Open(folder, new SafetySettings { CallSize = 1 });
        return new ProbeReport("safety checker", [], Told(checker.Check([checker.Prepare(picture)], stop)[0]));
    }

    private static ProbeReport OfResNet(string folder, string architecture, int classes, byte[] picture)
    {
        if (classes is < 2 or > 100_000)
        {
            throw new InvalidDataException(
                $"num_classes of {Path.Combine(folder, Config)} is {classes}; it must be 2 to 100,000. Get the model again."
            );
        }

        using var network = ResNetModel.Create(architecture, classes, seed: 0);
        ResNetWeights.Load(network, Path.Combine(folder, ImageClassifier.WeightsFileName));
        network.eval();
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var logits = network.forward(ImageNetTransform.Apply(ImageDecoder.Decode(picture)).unsqueeze(0)).data<float>().ToArray();
        var names = Enumerable.Range(0, classes).Select(index => string.Create(CultureInfo.InvariantCulture, $"class {index}")).ToList();
        return new ProbeReport(
            architecture,
            Rank(names, Softmax.Of(logits)),
            "Classes are told by their numbers: the files do not name them."
        );
    }

    private static ProbeReport OfClassifier(string folder, byte[] picture, CancellationToken stop)
    {
        using var classifier = ImageClassifier.Load(folder, callSize: 1);
        var config = classifier.Config;
        var size = config.ImageSize;
        var image = ImageDecoder.DecodeToSize(picture, size, size, config.Resize);
        var planes = new byte[image.Pixels.Length];
        for (var at = 0; at < planes.Length; at++)
        {
            planes[(at % 3 * size * size) + (at / 3)] = image.Pixels[at];
        }

        return new ProbeReport(
            $"{config.Architecture}, trained as {config.Training}",
            Rank(config.ClassNames, classifier.Probabilities([planes], stop)[0]),
            ""
        );
    }

    private static string Told(SafetyVerdict verdict) =>
        verdict.IsFlagged
            ? string.Create(CultureInfo.InvariantCulture, $"Flagged: {verdict.Reason}, score {verdict.Score:0.0000}.")
            : string.Create(CultureInfo.InvariantCulture, $"Not flagged, score {verdict.Score:0.0000}.");

    private static IReadOnlyList<(string, double)> Rank(IReadOnlyList<string> names, float[] probabilities) =>
        [.. names.Zip(probabilities, (name, share) => (name, (double)share)).OrderByDescending(item => item.Item2).Take(MostRanked)];

    private static (string Path, JsonElement Config) Read(string folder)
    {
        var path = Path.Combine(folder, Config);
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"{path} is missing; the folder of a model must have it. Check another folder.");
        }

        try
        {
            using var document =
                new FileInfo(path).Length <= MostConfigBytes
                    ? JsonDocument.Parse(File.ReadAllBytes(path))
                    : throw new JsonException($"it is larger than {MostConfigBytes} bytes");
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (path, document.RootElement.Clone())
                : throw new JsonException("it is no object");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is no configuration ({error.Message}); it must be a JSON object. Get the model again.",
                error
            );
        }
    }

    /// <summary>A text; of a list the first of its texts.</summary>
    private static string? Text(JsonElement config, string name) =>
        !config.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(item => item.ToString()).FirstOrDefault()
        : null;

    private static bool Has(JsonElement config, string name, string word) =>
        config.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Array
        && value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.GetString() == word);

    private static int? Number(JsonElement config, string name) =>
        config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;
}
