using System.Text.Json;
using Pipeline.Models.Calls;
using Pipeline.Models.Images;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Safety;

/// <summary>The classifier that the program ships as <c>builtin:nsfw-mobilenet-v2</c>: drawings, hentai, neutral, porn, sexy.</summary>
/// <remarks>
/// The MobileNetV2 of npm's nsfwjs 4.3.0 (MIT), with its weights as they are published there. Preprocessing as in that package: levels over 255, bilinear with
/// aligned corners to 224 × 224. How often it is wrong on which pictures is not known.
/// </remarks>
public sealed class NsfwClassifier : ISafetyChecker
{
    /// <summary>The <c>model_type</c> in its config.json.</summary>
    public const string ModelType = "nsfw-mobilenet-v2";

    private const string ConfigFile = "config.json";
    private const int Hentai = 1;
    private const int Porn = 3;

    private readonly MobileNetV2 network;
    private readonly SafetyCall call;
    private readonly PaddedCalls<float> calls;
    private readonly float line;

    private NsfwClassifier(MobileNetV2 network, SafetySettings settings)
    {
        this.network = network;
        call = new SafetyCall(settings.Threads);
        line = settings.NsfwLine;
        calls = new PaddedCalls<float>(settings.CallSize, 3 * MobileNetV2.ImageSize * MobileNetV2.ImageSize, Classes.Count, 1, Call);
    }

    /// <summary>The classes in the order of the probabilities.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"];

    /// <inheritdoc/>
    public int CallSize
    {
        get => calls.CallSize;
        set => calls.CallSize = value;
    }

    /// <summary>Opens the folder that the program ships, or a copy.</summary>
    /// <exception cref="InvalidDataException">A file is not of this model; the message names file and field.</exception>
    /// <exception cref="FileNotFoundException">There are no weights; the message says which were looked for.</exception>
    public static NsfwClassifier Open(string folder, SafetySettings settings)
    {
        settings.Check();
        CheckConfig(ConfigObject.Read(Path.Combine(folder, ConfigFile)));
        using var weights = WeightFiles.Open(folder);
        return new NsfwClassifier(MobileNetV2.Read(weights), settings);
    }

    /// <inheritdoc/>
    public float[] Prepare(byte[] image) => Prepare(ImageDecoder.Decode(image));

    /// <summary>Preprocesses decoded pixels of any size, <c>[3, 224, 224] float32</c>, RGB, 0 to 1.</summary>
    public static float[] Prepare(RgbImage image) => AlignedBilinear.Planes(image, MobileNetV2.ImageSize);

    /// <summary>The probabilities of <see cref="Classes"/> for each image, in order.</summary>
    /// <param name="pixels">Each as <see cref="Prepare(byte[])"/> gives it; any number.</param>
    /// <param name="stop">Ends the work between two calls.</param>
    public IReadOnlyList<float[]> Probabilities(IReadOnlyList<float[]> pixels, CancellationToken stop) =>
        calls.Run(pixels.Count, (row, target) => pixels[row].CopyTo(target), stop);

    /// <inheritdoc/>
    public IReadOnlyList<SafetyVerdict> Check(IReadOnlyList<float[]> pixels, CancellationToken stop) =>
        [.. Probabilities(pixels, stop).Select(probabilities => Verdict(probabilities, line))];

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    /// <summary>Flagged when Porn and Hentai together reach the line; the likelier of the two is the reason.</summary>
    internal static SafetyVerdict Verdict(float[] probabilities, float line)
    {
        var score = probabilities[Porn] + probabilities[Hentai];
        var likelier = probabilities[Porn] >= probabilities[Hentai] ? Porn : Hentai;
        return new SafetyVerdict(score >= line, score, score >= line ? Classes[likelier] : "");
    }

    private static void CheckConfig(ConfigObject config)
    {
        if (config.Text("model_type") is not ModelType)
        {
            throw config.Wrong("model_type", $"'{config.Text("model_type")}'", $"'{ModelType}'");
        }

        config.Whole("image_size", null, MobileNetV2.ImageSize, MobileNetV2.ImageSize);
        var classes = config.Raw("classes") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(name => name.ToString())
            : [];
        if (!classes.SequenceEqual(Classes))
        {
            throw config.Wrong("classes", $"'{string.Join(", ", classes)}'", $"'{string.Join(", ", Classes)}'");
        }
    }

    private void Call(float[] rows, int room, float[] results) =>
        call.Run(() => network.Forward(tensor(rows, [room, 3, MobileNetV2.ImageSize, MobileNetV2.ImageSize])), results);
}
