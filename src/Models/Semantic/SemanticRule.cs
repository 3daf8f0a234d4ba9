namespace Pipeline.Models.Semantic;

/// <summary>What the rule says of one image.</summary>
/// <param name="IsKept">True when the likeliest text is a task prompt, and likelier than every negative.</param>
/// <param name="Score">Softmax mass of the task prompts together, 0 to 1.</param>
/// <param name="Best">The likeliest text; a negative where one is as likely as the best task prompt.</param>
public readonly record struct SemanticJudgement(bool IsKept, float Score, string Best);

/// <summary>ALIA's semantic filter (Dunlap et al. 2023, released code filter.py): an image is kept when, of all texts, a task prompt is the likeliest.</summary>
/// <remarks>
/// The texts are taken as they are, no template is added. Their logits are the cosines times the encoder's scale; only the arg-max decides, there is no
/// limit on a probability. A tie counts as negative. All vectors have length 1, so the softmax is a score that may be compared (the released code leaves
/// the images' vectors as they are, which changes the softmax and not the arg-max).
/// </remarks>
public sealed class SemanticRule
{
    private readonly string[] texts;
    private readonly float[][] embeddings;
    private readonly int tasks;
    private readonly float scale;

    /// <summary>Takes the texts with their embeddings.</summary>
    /// <param name="tasks">What an image should show; one or more.</param>
    /// <param name="negatives">What it should not; one or more.</param>
    /// <param name="embed">Gives the embeddings of texts, in order, each of length 1.</param>
    /// <param name="scale">What a cosine is multiplied by, over 0.</param>
    /// <exception cref="ArgumentException">There is no task prompt or no negative, or the scale is not over 0.</exception>
    public SemanticRule(
        IReadOnlyList<string> tasks,
        IReadOnlyList<string> negatives,
        Func<IReadOnlyList<string>, IReadOnlyList<float[]>> embed,
        float scale
    )
    {
        if (tasks.Count == 0 || negatives.Count == 0 || !(scale > 0))
        {
            throw new ArgumentException(
                $"The semantic rule has {tasks.Count} task prompts, {negatives.Count} negatives and the scale {scale}; there must be one at least of each, and the scale must be over 0. Correct the prompts."
            );
        }

        texts = [.. tasks, .. negatives];
        embeddings = [.. embed(texts)];
        this.tasks = tasks.Count;
        this.scale = scale;
    }

    /// <summary>Judges one image.</summary>
    /// <param name="image"><c>[dimension] float32</c> of length 1.</param>
    public SemanticJudgement Judge(ReadOnlySpan<float> image)
    {
        var logits = new double[texts.Length];
        for (var text = 0; text < logits.Length; text++)
        {
            logits[text] = scale * Cosines.OfUnits(image, embeddings[text]);
        }

        var task = Largest(logits, 0, tasks);
        var negative = Largest(logits, tasks, texts.Length);
        var isKept = logits[task] > logits[negative];
        var best = isKept ? task : negative;
        var (mass, all) = (0.0, 0.0);
        for (var text = 0; text < logits.Length; text++)
        {
            var weight = Math.Exp(logits[text] - logits[best]);
            all += weight;
            mass += text < tasks ? weight : 0;
        }

        return new SemanticJudgement(isKept, (float)(mass / all), texts[best]);
    }

    private static int Largest(double[] logits, int from, int to)
    {
        var largest = from;
        for (var text = from + 1; text < to; text++)
        {
            if (logits[text] > logits[largest])
            {
                largest = text;
            }
        }

        return largest;
    }
}
