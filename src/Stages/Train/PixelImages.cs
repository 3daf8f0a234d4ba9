using System.Globalization;
using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>Some of a cache's images; valid until the cache is disposed.</summary>
public sealed class PixelImages : ITrainingImages
{
    private readonly PixelCache cache;
    private readonly IReadOnlyList<TrainingSample> samples;
    private readonly int[] chosen;

    internal PixelImages(PixelCache cache, IReadOnlyList<TrainingSample> samples, int[] chosen)
    {
        this.cache = cache;
        this.samples = samples;
        this.chosen = chosen;
    }

    /// <inheritdoc/>
    public int Count => chosen.Length;

    /// <summary>The group value of each image; null if none of them has one.</summary>
    public IReadOnlyList<string>? Groups
    {
        get
        {
            var groups = Array.ConvertAll(chosen, index => samples[index].Group);
            return Array.Exists(groups, group => group.Length > 0) ? groups : null;
        }
    }

    /// <inheritdoc/>
    public string Id(int index) => samples[chosen[index]].Id;

    /// <summary>An image as text: id, label and how it was made, which together decide what it adds to a training.</summary>
    internal string Line(int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{Id(index)}\t{Label(index)}\t{samples[chosen[index]].Made}\n");

    /// <inheritdoc/>
    public int Label(int index) => samples[chosen[index]].Label;

    /// <inheritdoc/>
    public void Read(int index, Span<byte> rgb) => cache.Read(chosen[index], rgb);
}
