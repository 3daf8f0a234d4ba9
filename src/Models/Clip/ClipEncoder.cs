using Pipeline.Models.Calls;

namespace Pipeline.Models.Clip;

/// <summary>A published CLIP model, from its folder in transformers' or Optimum's layout: images and texts to embeddings of length 1.</summary>
/// <remarks>
/// Encoders of one folder's content with equal settings share the towers, whatever run or stage opened them; call size and counts are each encoder's own.
/// </remarks>
public sealed class ClipEncoder : IImageTextEncoder
{
    private readonly ClipConfig config;
    private readonly ClipTokenizer tokenizer;
    private readonly ClipPreprocessing preprocessing;
    private readonly ClipPixels pixels;
    private readonly SharedTowers towers;
    private readonly PaddedCalls<float> images;
    private readonly PaddedCalls<long> texts;
    private long cutTexts;

    private ClipEncoder(
        ClipConfig config,
        ClipTokenizer tokenizer,
        ClipPreprocessing preprocessing,
        ClipSettings settings,
        SharedTowers towers
    )
    {
        this.config = config;
        this.tokenizer = tokenizer;
        this.preprocessing = preprocessing;
        this.towers = towers;
        pixels = settings.Pixels;
        var size = config.Vision.ImageSize;
        images = new PaddedCalls<float>(settings.CallSize, 3 * size * size, config.Dimension, settings.Threads, towers.Value.Images);
        texts = new PaddedCalls<long>(settings.CallSize, config.Text.Positions, config.Dimension, settings.Threads, towers.Value.Texts);
    }

    /// <inheritdoc/>
    public string Architecture => config.Architecture;

    /// <inheritdoc/>
    public int Dimension => config.Dimension;

    /// <inheritdoc/>
    public float Scale => towers.Value.Scale;

    /// <inheritdoc/>
    public int CallSize
    {
        get => images.CallSize;
        set
        {
            images.CallSize = value;
            texts.CallSize = value;
        }
    }

    /// <inheritdoc/>
    public long CutTexts => Interlocked.Read(ref cutTexts);

    /// <summary>Opens a model's folder: <c>config.json</c>, tokenizer, <c>preprocessor_config.json</c>, and safetensors or graphs.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    /// <exception cref="InvalidDataException">A file is missing, broken, or of another family of models; the message names file and field.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ClipEncoder Open(string folder, ClipSettings settings)
    {
        settings.Check();
        var sizes = ClipConfig.Read(folder);
        var words = ClipTokenizer.Read(folder);
        words.MustFit(sizes.Text);
        var pictures = ClipPreprocessing.Read(Path.Combine(folder, ClipPreprocessing.FileName), sizes.Vision.ImageSize);
        return new ClipEncoder(sizes, words, pictures, settings, SharedTowers.Take(folder, sizes, settings));
    }

    internal bool SharesTowersWith(ClipEncoder other) => ReferenceEquals(towers.Value, other.towers.Value);

    /// <inheritdoc/>
    public float[] Prepare(byte[] image) => preprocessing.Prepare(image, pixels);

    /// <inheritdoc/>
    public IReadOnlyList<float[]> EmbedImages(IReadOnlyList<float[]> pixels, CancellationToken stop)
    {
        var wanted = 3 * preprocessing.Size * preprocessing.Size;
        for (var index = 0; index < pixels.Count; index++)
        {
            if (pixels[index].Length != wanted)
            {
                throw new ArgumentException(
                    $"Image {index} has {pixels[index].Length} values; it must have {wanted}. Give what Prepare gives."
                );
            }
        }

        return Normalised(images.Run(pixels.Count, (row, target) => pixels[row].CopyTo(target), stop), "image");
    }

    /// <inheritdoc/>
    public IReadOnlyList<float[]> EmbedTexts(IReadOnlyList<string> texts, CancellationToken stop)
    {
        var rows = this.texts.Run(
            texts.Count,
            (row, target) =>
            {
                if (tokenizer.Encode(texts[row], target) > target.Length)
                {
                    Interlocked.Increment(ref cutTexts);
                }
            },
            stop
        );
        return Normalised(rows, "text");
    }

    /// <summary>Gives the towers back; they go when no encoder has them.</summary>
    public void Dispose() => towers.Dispose();

    private static float[][] Normalised(float[][] rows, string what)
    {
        for (var index = 0; index < rows.Length; index++)
        {
            var sum = 0.0;
            foreach (var value in rows[index])
            {
                sum += (double)value * value;
            }

            if (!(sum > 0) || !double.IsFinite(sum))
            {
                throw new InvalidDataException(
                    $"The embedding of {what} {index} has the length {Math.Sqrt(sum)}; it must be over 0 and finite. Are the model's weights whole? Verify them."
                );
            }

            var factor = 1 / Math.Sqrt(sum);
            rows[index] = Array.ConvertAll(rows[index], value => (float)(value * factor));
        }

        return rows;
    }
}
