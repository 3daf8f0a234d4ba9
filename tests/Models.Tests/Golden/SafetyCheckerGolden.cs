using System.Text.Json;
using Pipeline.Models.Safety;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>diffusers' StableDiffusionSafetyChecker: preprocessing, every output of the tower, cosines, scores and flags.</summary>
public sealed class SafetyCheckerGolden : IGoldenCode
{
    private const string Inputs = "inputs.safetensors";
    private const string PixelValues = "pixel_values";
    private const string Pictures = "pictures";

    public string Case => "safety-checker-tiny";

    public Action<GoldenFile, GoldenReport>? For(string file) =>
        file switch
        {
            Inputs => Preprocessing,
            "expected.safetensors" => Outputs,
            "scores.safetensors" => Scores,
            "expected.json" => Flags,
            _ => (_, _) => throw new InvalidDataException($"safety-checker-tiny/{file} is of an unknown form; write code for it."),
        };

    private static void Preprocessing(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        using var checker = Checker(file);
        stored.Entries.Keys.Should().BeSubsetOf([PixelValues, Pictures], "a value of an unknown form needs code");
        var images = file.Parameters.GetProperty("images").EnumerateArray().Select(name => Path.Combine(file.Folder, name.GetString()!));
        var shape = stored.Entries[PixelValues].Shape;
        var pixels = images.Select(path => tensor(checker.Prepare(File.ReadAllBytes(path)), [.. shape.Skip(1)])).ToArray();
        report.Compare(PixelValues, stack(pixels), stored.Tensor(PixelValues));
    }

    private static void Outputs(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        using var inputs = SafetensorsFile.Read(Path.Combine(file.Folder, Inputs));
        using var checker = Checker(file);
        using var quiet = no_grad();
        using var output = checker.Vision.Forward(inputs.Tensor(PixelValues));
        var scores = Judged(checker, output.Projected!);
        // The public way, whose calls are of another size.
        var flags = checker.Check(Rows(inputs.Tensor(PixelValues)), CancellationToken.None).Select(verdict => verdict.IsFlagged).ToArray();
        foreach (var name in stored.Entries.Keys)
        {
            var got = name switch
            {
                "last_hidden_state" => output.LastState,
                "pooled_output" => output.Pooled,
                "image_embeds" => output.Projected!,
                "special_cos_dist" => stack(scores.Select(score => tensor(score.SpecialCosines))),
                "cos_dist" => stack(scores.Select(score => tensor(score.Cosines))),
                "has_nsfw_concepts" => tensor(flags.Select(flag => flag ? 1L : 0L).ToArray()),
                "pictures_after" => inputs.Tensor(Pictures) * tensor(flags.Select(flag => flag ? 0f : 1f).ToArray()).reshape(-1, 1, 1, 1),
                _ => throw new InvalidDataException($"{name} is of an unknown form; write code for it."),
            };
            report.Compare(name, got, stored.Tensor(name));
        }
    }

    private static void Scores(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        var scores = Judged(file);
        foreach (var name in stored.Entries.Keys)
        {
            var got = name switch
            {
                "special_scores" => stack(scores.Select(score => tensor(score.Special))),
                "concept_scores" => stack(scores.Select(score => tensor(score.Concepts))),
                _ => throw new InvalidDataException($"{name} is of an unknown form; write code for it."),
            };
            report.Compare(name, got, stored.Tensor(name));
        }
    }

    private static void Flags(GoldenFile file, GoldenReport report)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(file.Folder, file.Name)));
        var rows = document.RootElement.EnumerateArray().ToArray();
        var scores = Judged(file);
        rows.Should().HaveCount(scores.Length);
        for (var index = 0; index < rows.Length; index++)
        {
            var score = scores[index];
            foreach (var field in rows[index].EnumerateObject())
            {
                long[] found = field.Name switch
                {
                    "image" => [],
                    "has_nsfw_concept" => [score.IsFlagged ? 1 : 0],
                    "bad_concepts" => Over(score.Concepts),
                    "special_care" => Over(score.Special),
                    "adjustment" => [(long)Math.Round(score.Adjustment * 1000)],
                    "only_through_the_adjustment" =>
                    [
                        score.IsFlagged && !Array.Exists(score.Concepts, value => Math.Round(value - score.Adjustment, 3) > 0) ? 1 : 0,
                    ],
                    _ => throw new InvalidDataException($"{field.Name} is of an unknown form; write code for it."),
                };
                if (field.Name == "image")
                {
                    file.Parameters.GetProperty("images")[index].GetString().Should().Be(field.Value.GetString());
                }
                else
                {
                    report.Exact($"{index}/{field.Name}", tensor(found), tensor(Wanted(field.Value)));
                }
            }
        }
    }

    private static long[] Wanted(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.True => [1],
            JsonValueKind.False => [0],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(item => item.GetInt64())],
            _ => [(long)Math.Round(value.GetDouble() * 1000)],
        };

    private static long[] Over(double[] scores) =>
        [.. Enumerable.Range(0, scores.Length).Where(index => scores[index] > 0).Select(index => (long)index)];

    private static StableDiffusionSafetyChecker Checker(GoldenFile file) =>
        (StableDiffusionSafetyChecker)SafetyCheckers.Open(file.Folder, new SafetySettings { CallSize = 3 });

    private static ConceptScores[] Judged(GoldenFile file)
    {
        using var inputs = SafetensorsFile.Read(Path.Combine(file.Folder, Inputs));
        using var checker = Checker(file);
        using var quiet = no_grad();
        using var output = checker.Vision.Forward(inputs.Tensor(PixelValues));
        return Judged(checker, output.Projected!);
    }

    private static ConceptScores[] Judged(StableDiffusionSafetyChecker checker, Tensor embeddings) =>
        [.. Rows(embeddings).Select(row => checker.Concepts.Judge(row))];

    private static float[][] Rows(Tensor rows) =>
        [.. Enumerable.Range(0, (int)rows.shape[0]).Select(row => rows[row].contiguous().data<float>().ToArray())];
}
