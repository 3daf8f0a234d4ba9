using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Safety;

/// <summary>What the concepts say of one image.</summary>
/// <param name="SpecialCosines">Cosines to the special-care concepts; the larger, the closer.</param>
/// <param name="Cosines">Cosines to the concepts.</param>
/// <param name="Special">Rounded scores of the special-care concepts; over 0 means found.</param>
/// <param name="Concepts">Rounded scores of the concepts; one over 0 flags the image.</param>
/// <param name="Adjustment">What was added to the scores of the concepts.</param>
internal sealed record ConceptScores(float[] SpecialCosines, float[] Cosines, double[] Special, double[] Concepts, double Adjustment)
{
    /// <summary>Whether any concept is over its line; special care alone flags nothing.</summary>
    public bool IsFlagged => Array.Exists(Concepts, score => score > 0);
}

/// <summary>The concepts of the Stable Diffusion safety checker: directions in CLIP's space, each with a threshold for the cosine.</summary>
/// <remarks>
/// The rule of diffusers 0.26.3 <c>pipelines/stable_diffusion/safety_checker.py</c> (Apache-2.0): score = round(cosine - threshold + a, 3). The special-care
/// concepts come first; a is 0 until one of them is over 0, and 0.01 for all after it.
/// </remarks>
internal sealed class SafetyConcepts
{
    /// <summary>The tensors that the published files hold beside the vision tower.</summary>
    public static readonly string[] Names =
    [
        "concept_embeds",
        "concept_embeds_weights",
        "special_care_embeds",
        "special_care_embeds_weights",
    ];

    private const double CareAdjustment = 0.01;
    private const int MostConcepts = 10_000;

    private readonly float[][] concepts;
    private readonly float[] lines;
    private readonly float[][] special;
    private readonly float[] specialLines;

    private SafetyConcepts((float[][] Rows, float[] Lines) concepts, (float[][] Rows, float[] Lines) special)
    {
        (this.concepts, lines) = concepts;
        (this.special, specialLines) = special;
    }

    /// <summary>Reads the four tensors.</summary>
    /// <param name="weights">Stays the caller's.</param>
    /// <param name="dimension">Values of an embedding.</param>
    /// <exception cref="InvalidDataException">A tensor is missing or of another shape; the message names it.</exception>
    public static SafetyConcepts Read(IWeights weights, int dimension)
    {
        using var scope = NewDisposeScope();
        return new SafetyConcepts(Rows(weights, Names[0], Names[1], dimension), Rows(weights, Names[2], Names[3], dimension));
    }

    /// <summary>Scores one image.</summary>
    /// <param name="embedding"><c>[dimension] float32</c>, projected, of any length over 0.</param>
    public ConceptScores Judge(ReadOnlySpan<float> embedding)
    {
        var unit = Unit(embedding);
        var (specialCosines, cosines) = (Cosines(unit, special), Cosines(unit, concepts));
        var adjustment = 0.0;
        var specialScores = new double[special.Length];
        for (var index = 0; index < special.Length; index++)
        {
            specialScores[index] = ThreeDigits.Round((double)specialCosines[index] - specialLines[index] + adjustment);
            adjustment = specialScores[index] > 0 ? CareAdjustment : adjustment;
        }

        double[] scores = [.. cosines.Select((cosine, index) => ThreeDigits.Round((double)cosine - lines[index] + adjustment))];
        return new ConceptScores(specialCosines, cosines, specialScores, scores, adjustment);
    }

    private static float[] Cosines(double[] unit, float[][] rows) => [.. rows.Select(row => (float)Product(unit, Unit(row)))];

    private static double Product(double[] one, double[] other)
    {
        var sum = 0.0;
        for (var index = 0; index < one.Length; index++)
        {
            sum += one[index] * other[index];
        }

        return sum;
    }

    /// <summary>Of length 1; zeros stay zeros.</summary>
    private static double[] Unit(ReadOnlySpan<float> values)
    {
        var unit = new double[values.Length];
        var squares = 0.0;
        for (var index = 0; index < unit.Length; index++)
        {
            unit[index] = values[index];
            squares += unit[index] * unit[index];
        }

        // Torch's normalize divides by no less.
        var length = Math.Max(Math.Sqrt(squares), 1e-12);
        for (var index = 0; index < unit.Length; index++)
        {
            unit[index] /= length;
        }

        return unit;
    }

    private static (float[][] Rows, float[] Lines) Rows(IWeights weights, string name, string lineName, int dimension)
    {
        var (rows, lines) = (Shape(weights, name), Shape(weights, lineName));
        if (rows is not [>= 1 and <= MostConcepts, var width] || width != dimension || lines is not [var count] || count != rows[0])
        {
            throw new InvalidDataException(
                $"{weights.Path}: {name} is {SafetensorsEntry.Text(rows)} and {lineName} is {SafetensorsEntry.Text(lines)}; they must be "
                    + $"[concepts, {dimension}] and [concepts] with at most {MostConcepts} concepts. Is it a Stable Diffusion safety checker?"
            );
        }

        var values = weights.Tensor(name, ComputeType.Float32);
        return (
            [.. Enumerable.Range(0, (int)rows[0]).Select(row => values[row].data<float>().ToArray())],
            weights.Tensor(lineName, ComputeType.Float32).data<float>().ToArray()
        );
    }

    private static long[] Shape(IWeights weights, string name) =>
        weights.Entries.TryGetValue(name, out var entry)
            ? [.. entry.Shape]
            : throw new InvalidDataException(
                $"{weights.Path}: {name} is missing; it must be there. Is it a Stable Diffusion safety checker?"
            );
}
