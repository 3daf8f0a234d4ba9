using System.Text.Json;
using Pipeline.Models.Calls;
using Pipeline.Models.Clip;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Safety;

/// <summary>The safety checker of Stable Diffusion: CLIP's vision tower and concepts near which no image should lie.</summary>
/// <remarks>
/// Published as <c>CompVis/stable-diffusion-safety-checker</c> and in the folders <c>safety_checker</c> and <c>feature_extractor</c> of Stable Diffusion 1.
/// What the concepts are is not published; a reason is therefore a number. TorchSharp, float32.
/// </remarks>
public sealed class StableDiffusionSafetyChecker : ISafetyChecker
{
    /// <summary>The class in its config.json.</summary>
    public const string ClassName = nameof(StableDiffusionSafetyChecker);

    private const string Tower = "vision_model.vision_model.";
    private const string Projection = "visual_projection.weight";
    private const string Part = "safety_checker";
    private const string PreprocessingPart = "feature_extractor";

    private readonly ClipPreprocessing preprocessing;
    private readonly SafetyCall call;
    private readonly PaddedCalls<float> calls;

    private StableDiffusionSafetyChecker(
        ClipVision vision,
        int dimension,
        SafetyConcepts concepts,
        ClipPreprocessing preprocessing,
        SafetySettings settings
    )
    {
        Vision = vision;
        Concepts = concepts;
        this.preprocessing = preprocessing;
        call = new SafetyCall(settings.Threads);
        calls = new PaddedCalls<float>(settings.CallSize, 3 * preprocessing.Size * preprocessing.Size, dimension, 1, Call);
    }

    /// <inheritdoc/>
    public int CallSize
    {
        get => calls.CallSize;
        set => calls.CallSize = value;
    }

    internal ClipVision Vision { get; }

    internal SafetyConcepts Concepts { get; }

    /// <summary>Opens the checker of a folder: its own files, or the two parts of a Stable Diffusion folder.</summary>
    /// <exception cref="InvalidDataException">A file is missing or is not of this model; the message names file and field.</exception>
    /// <exception cref="FileNotFoundException">There are no weights; the message says which were looked for.</exception>
    public static StableDiffusionSafetyChecker Open(string folder, SafetySettings settings)
    {
        settings.Check();
        var own = PartOf(folder);
        var config = ClipConfig.Read(own);
        var pixels = ClipPreprocessing.Read(PreprocessingFile(folder, own), config.Vision.ImageSize);
        using var weights = WeightFiles.Open(own);
        CheckNames(weights);
        var concepts = SafetyConcepts.Read(weights, config.Dimension);
        var vision = ClipVision.Load(config.Vision, weights, Tower, (Projection, config.Dimension));
        return new StableDiffusionSafetyChecker(vision, config.Dimension, concepts, pixels, settings);
    }

    /// <inheritdoc/>
    public float[] Prepare(byte[] image) => preprocessing.Prepare(image);

    /// <inheritdoc/>
    public IReadOnlyList<SafetyVerdict> Check(IReadOnlyList<float[]> pixels, CancellationToken stop) =>
        [
            .. calls
                .Run(pixels.Count, (row, target) => pixels[row].CopyTo(target), stop)
                .Select(embedding => Verdict(Concepts.Judge(embedding))),
        ];

    /// <inheritdoc/>
    public void Dispose() => Vision.Dispose();

    /// <summary>Whether the folder, or a part of it, says that it is this checker.</summary>
    internal static bool IsIn(string folder) =>
        ConfigObject.Read(Path.Combine(PartOf(folder), ClipConfig.FileName)).Raw("architectures")
            is { ValueKind: JsonValueKind.Array } classes
        && classes.EnumerateArray().Any(name => name.ToString() == ClassName);

    internal static SafetyVerdict Verdict(ConceptScores scores)
    {
        var highest = scores.Concepts.Max();
        var reason = scores.IsFlagged ? $"concept {Array.IndexOf(scores.Concepts, highest)}" : "";
        return new SafetyVerdict(scores.IsFlagged, (float)highest, reason);
    }

    private static string PartOf(string folder) =>
        !File.Exists(Path.Combine(folder, ClipConfig.FileName)) && Directory.Exists(Path.Combine(folder, Part))
            ? Path.Combine(folder, Part)
            : folder;

    private static string PreprocessingFile(string folder, string own)
    {
        string[] places = [own, Path.Combine(folder, PreprocessingPart)];
        return places.Select(place => Path.Combine(place, ClipPreprocessing.FileName)).FirstOrDefault(File.Exists)
            ?? throw new InvalidDataException(
                $"The safety checker {folder} has no {ClipPreprocessing.FileName}; it must lie beside config.json or in {PreprocessingPart}. Fetch the model again."
            );
    }

    /// <summary>What the tower's own check does not look at.</summary>
    private static void CheckNames(WeightFiles weights)
    {
        var unknown = weights
            .Entries.Keys.Where(name =>
                !name.StartsWith(Tower, StringComparison.Ordinal) && name != Projection && !SafetyConcepts.Names.Contains(name)
            )
            .ToArray();
        if (unknown.Length > 0)
        {
            throw new InvalidDataException(
                $"{weights.Path}: {string.Join(", ", unknown.Take(8))} ({unknown.Length} in all) are unknown; there must be {Tower}*, {Projection}, "
                    + $"{string.Join(", ", SafetyConcepts.Names)}. Is it a Stable Diffusion safety checker?"
            );
        }
    }

    private void Call(float[] rows, int room, float[] results) =>
        call.Run(
            () =>
            {
                var size = preprocessing.Size;
                using var output = Vision.Forward(tensor(rows, [room, 3, size, size]));
                return output.Projected?.clone()
                    ?? throw new InvalidOperationException("The tower has no projection; it must be made with one.");
            },
            results
        );
}
