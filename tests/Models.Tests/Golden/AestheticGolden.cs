using Pipeline.Models.Quality;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>LAION's aesthetic predictors: <c>X.safetensors</c> holds weights, <c>X_expected.safetensors</c> what they give.</summary>
public sealed class AestheticGolden : IGoldenCode
{
    private const string Expected = "_expected.safetensors";
    private const string Weights = ".safetensors";
    private const string AfterLayer = "after_layers_";

    public string Case => "aesthetic";

    public Action<GoldenFile, GoldenReport>? For(string file) =>
        file.EndsWith(Expected, StringComparison.Ordinal) ? Scores
        : file.EndsWith(Weights, StringComparison.Ordinal) ? Folded
        : (_, _) => throw new InvalidDataException($"aesthetic/{file} is of an unknown form; write code for it.");

    private static void Scores(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        using var weights = SafetensorsFile.Read(Path.Combine(file.Folder, file.Name.Replace(Expected, Weights, StringComparison.Ordinal)));
        var scorer = Scorer(weights);
        var embeddings = Rows(stored, "embeddings");
        var normalized = embeddings.Select(row => UnitLength.Of(row)).ToArray();
        foreach (var name in stored.Entries.Keys.Where(name => name != "embeddings"))
        {
            var got = name switch
            {
                "normalized" => Stacked(normalized),
                "score" => Stacked(normalized.Select(row => new[] { scorer.Score(row) })),
                "score_without_normalising" => Stacked(embeddings.Select(row => new[] { scorer.Score(row) })),
                _ when name.StartsWith(AfterLayer, StringComparison.Ordinal) => AfterLayers(
                    weights,
                    normalized,
                    $"layers.{name[AfterLayer.Length..]}."
                ),
                _ => throw new InvalidDataException($"{file.Name}: {name} is of an unknown form; write code for it."),
            };
            report.Compare(name, got, stored.Tensor(name));
        }
    }

    /// <summary>A file of weights has no values that are wanted: the scorer is held to the file's layers, run one after the other by torch.</summary>
    private static void Folded(GoldenFile file, GoldenReport report)
    {
        using var stored = file.Open();
        var layers = stored.Entries.Keys.Where(name => name.EndsWith("weight", StringComparison.Ordinal)).ToArray();
        var scorer = Scorer(stored);
        var width = stored.Entries[layers[0]].Shape[1];
        var inputs = nn.functional.normalize(randn([20, width], generator: new Generator(7)), 2, 1);
        var want = inputs;
        foreach (var layer in layers)
        {
            var bias = layer.Replace("weight", "bias", StringComparison.Ordinal);
            want = nn.functional.linear(want, stored.Tensor(layer), stored.Tensor(bias));
        }

        var rows = Enumerable.Range(0, 20).Select(row => inputs[row].data<float>().ToArray());
        report.Compare("score of drawn embeddings", Stacked(rows.Select(row => new[] { scorer.Score(row) })), want);
    }

    private static IQualityScorer Scorer(SafetensorsFile weights) =>
        weights.Entries.ContainsKey("weight") ? AestheticLinear.Read(weights, "tiny") : AestheticMlp.Read(weights, "tiny");

    private static Tensor AfterLayers(SafetensorsFile weights, float[][] rows, string last)
    {
        var count = AestheticMlp.Places.Count(place => string.CompareOrdinal($"layers.{place}.", last) <= 0);
        AestheticMlp.Places.Select(place => $"layers.{place}.").ElementAt(count - 1).Should().Be(last, "an unknown layer needs code");
        var layers = AestheticMlp.Layers(weights).Take(count).ToArray();
        return Stacked(rows.Select(row => layers.Aggregate(row, (values, layer) => layer.Apply(values))));
    }

    private static float[][] Rows(SafetensorsFile stored, string name)
    {
        var values = stored.Tensor(name);
        return [.. Enumerable.Range(0, (int)values.shape[0]).Select(row => values[row].data<float>().ToArray())];
    }

    private static Tensor Stacked(IEnumerable<float[]> rows) => stack([.. rows.Select(row => tensor(row))]);
}
