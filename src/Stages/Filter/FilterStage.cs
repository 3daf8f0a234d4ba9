using Pipeline.Models.Images;
using Pipeline.Models.Training;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Filter;

/// <summary>An edit as the base classifier takes it.</summary>
/// <param name="Pixels"><c>[3, size, size] uint8</c>, RGB.</param>
/// <param name="Label">The class that it was made as.</param>
public sealed record JudgedEdit(byte[] Pixels, int Label);

/// <summary>ALIA's confidence filter: an edit that the base classifier is sure of changed too little, or lost what makes its class.</summary>
/// <remarks>
/// <para>Reads the edits and their labels; adds a verdict for each, in order. Needs the artifact <c>base-classifier</c>.</para>
/// <para>Repeats: a probability depends neither on neighbours nor on the place in a call, which is padded to one size.</para>
/// <para>Failure: an edit that cannot be decoded is quarantined alone.</para>
/// </remarks>
public sealed class FilterStage : IStage<FilterInput, JudgedEdit, float[], FilterRow>, IDisposable
{
    private readonly BaseClassifier classifier;
    private readonly FilterOptions options;

    /// <summary>Loads the base classifier.</summary>
    /// <param name="folder">The artifact: model.safetensors, config.json and thresholds.json.</param>
    /// <param name="options">Checked settings.</param>
    /// <exception cref="InvalidDataException">A file is broken, or thresholds and model are of different classes.</exception>
    public FilterStage(string folder, FilterOptions options)
    {
        this.options = options;
        classifier = BaseClassifier.Load(folder, options.CallSize, options.Threads);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Item<JudgedEdit>> Prepare(FilterInput row)
    {
        var (size, resize) = (classifier.Config.ImageSize, classifier.Config.Resize);
        var pixels = Planar.Of(ImageDecoder.DecodeToSize(row.Image, size, size, resize));
        return [new(row.SampleId, row.VariantId, new JudgedEdit(pixels, row.Label))];
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<float[]>> InferAsync(IReadOnlyList<Item<JudgedEdit>> items, CancellationToken stop) =>
        ValueTask.FromResult(classifier.Probabilities([.. items.Select(item => (ReadOnlyMemory<byte>)item.Value.Pixels)], stop));

    /// <inheritdoc/>
    public void LimitCalls(int items) => classifier.CallSize = items;

    /// <inheritdoc/>
    public FilterRow Finish(Item<JudgedEdit> item, float[] result)
    {
        var assigned = item.Value.Label;
        var thresholds = classifier.Thresholds.Thresholds;
        var predicted = Array.IndexOf(result, result.Max());
        var verdict = ConfidenceFilter.Judge(assigned, result, thresholds, options.Rule);
        return new FilterRow(
            item.SampleId,
            item.VariantId ?? throw new InvalidOperationException("An edit has no variant id; it must have one."),
            Word(verdict),
            predicted,
            result[predicted],
            (float)thresholds[options.Rule == ThresholdRule.Assigned ? assigned : predicted]
        );
    }

    /// <inheritdoc/>
    public void Dispose() => classifier.Dispose();

    private static string Word(ConfidenceVerdict verdict) =>
        verdict switch
        {
            ConfidenceVerdict.Keep => "keep",
            ConfidenceVerdict.TooEasy => "too_easy",
            ConfidenceVerdict.Mislabelled => "mislabelled",
            _ => throw new ArgumentOutOfRangeException(
                nameof(verdict),
                verdict,
                "The verdict is unknown; it must be keep, too easy or mislabelled."
            ),
        };
}
