using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Pipeline.Models.Quality;

/// <summary>KNN-GIQA: an image is as good as its embedding lies near to those of good reference images.</summary>
/// <remarks>
/// <para>Source: Gu, Bao, Chen and Wen 2020, "GIQA: Generated Image Quality Assessment", with the choices of cientgu/GIQA: L1 distance to every reference,
/// score = Σ 1/d over the K nearest. Only the rank means something, so that <see cref="Percentile"/> is what should be stored and limited.</para>
/// <para>The search is exact: every reference is looked at, in blocks that stay in the cache. Memory: 4 bytes × references × dimension (100,000 × 512: 205 MB).</para>
/// <para>A score depends on its own embedding and the references alone, and not on their order. Safe to call from several threads.</para>
/// </remarks>
public sealed class KnnGiqa : IQualityScorer
{
    /// <summary>References at the least: the rank among fewer says nothing.</summary>
    public const int LeastReferences = 100;

    /// <summary>References at the most whose own scores make the scale of <see cref="Percentile"/>; of more, so many evenly spaced ones are taken.</summary>
    public const int MostRanked = 2_000;

    /// <summary>A distance below this counts as this, so that an image that is itself a reference has the finite score of 1,000,000 a neighbour.</summary>
    public const float LeastDistance = 1e-6f;

    private const int BlockValues = 32_768;

    private readonly float[] references;
    private readonly int dimension;
    private readonly int neighbours;
    private readonly Lazy<RankPercentile> ranks;

    /// <summary>Takes a copy of the references.</summary>
    /// <param name="architecture">The encoder that all embeddings come from, as <see cref="IImageTextEncoder.Architecture"/> says it.</param>
    /// <param name="references">Embeddings of real images of the kind wanted, <c>[dimension] float32</c> each; at least <see cref="LeastReferences"/>.</param>
    /// <param name="neighbours">K, 1 to <see cref="LeastReferences"/> - 1; the paper's code has 1.</param>
    /// <exception cref="InvalidDataException">There are too few references or too many for memory, or their lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">K is out of range.</exception>
    public KnnGiqa(string architecture, IReadOnlyList<float[]> references, int neighbours = 1)
    {
        if (references.Count < LeastReferences)
        {
            throw new InvalidDataException(
                $"The reference images of GIQA are {references.Count}; there must be at least {LeastReferences}, since only the rank among many means "
                    + "something. Add references, or leave GIQA out."
            );
        }

        if (neighbours is < 1 or >= LeastReferences)
        {
            throw new ArgumentOutOfRangeException(
                nameof(neighbours),
                $"GIQA's neighbours are {neighbours}; they must be 1 to {LeastReferences - 1}. Correct K."
            );
        }

        Architecture = architecture;
        this.neighbours = neighbours;
        dimension = references[0].Length;
        if ((long)references.Count * dimension > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"GIQA's references are {references.Count} embeddings of {dimension} values; they must be at most {Array.MaxLength} values in all. "
                    + "Give fewer reference images."
            );
        }

        this.references = new float[references.Count * dimension];
        for (var index = 0; index < references.Count; index++)
        {
            CheckLength(references[index], $"reference {index}");
            references[index].CopyTo(this.references, index * dimension);
        }

        ranks = new Lazy<RankPercentile>(Rank);
    }

    /// <inheritdoc/>
    public string Architecture { get; }

    /// <summary>How many references there are.</summary>
    public int References => references.Length / dimension;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The embedding is of another length than the references.</exception>
    public float Score(ReadOnlySpan<float> embedding) => Scores([embedding.ToArray()], null, CancellationToken.None)[0];

    /// <summary>The scores of many, in order: equal to <see cref="Score"/> of each, and faster.</summary>
    /// <param name="embeddings"><c>[dimension] float32</c> each, any number.</param>
    /// <param name="stop">Ends the work between two blocks.</param>
    /// <exception cref="InvalidDataException">An embedding is of another length than the references.</exception>
    public IReadOnlyList<float> ScoreAll(IReadOnlyList<float[]> embeddings, CancellationToken stop) => Scores(embeddings, null, stop);

    /// <summary>Where a score stands among those that the references themselves have, each against all others: 0 to 100.</summary>
    /// <remarks>The first call scores up to <see cref="MostRanked"/> references.</remarks>
    public float Percentile(float score) => ranks.Value.Of(score);

    /// <summary>Σ |a - b| in float32, in one fixed order.</summary>
    internal static float Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (even, odd) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var index = 0;
        for (; index <= a.Length - 16; index += 16)
        {
            even += Vector256.Abs(Vector256.Create(a[index..]) - Vector256.Create(b[index..]));
            odd += Vector256.Abs(Vector256.Create(a[(index + 8)..]) - Vector256.Create(b[(index + 8)..]));
        }

        var sum = Vector256.Sum(even + odd);
        for (; index < a.Length; index++)
        {
            sum += MathF.Abs(a[index] - b[index]);
        }

        return sum;
    }

    private RankPercentile Rank()
    {
        var count = Math.Min(References, MostRanked);
        int[] places = [.. Enumerable.Range(0, count).Select(index => (int)((long)index * References / count))];
        float[][] rows = [.. places.Select(place => Row(place).ToArray())];
        return new RankPercentile(Scores(rows, places, CancellationToken.None));
    }

    /// <summary>The scores of <paramref name="embeddings"/>, each against all references but the one at its place in <paramref name="left"/>.</summary>
    private float[] Scores(IReadOnlyList<float[]> embeddings, int[]? left, CancellationToken stop)
    {
        foreach (var embedding in embeddings)
        {
            CheckLength(embedding, "an embedding");
        }

        var nearest = new float[embeddings.Count][];
        for (var query = 0; query < nearest.Length; query++)
        {
            nearest[query] = new float[neighbours];
            nearest[query].AsSpan().Fill(float.PositiveInfinity);
        }

        var rows = Math.Max(1, BlockValues / dimension);
        for (var first = 0; first < References; first += rows)
        {
            stop.ThrowIfCancellationRequested();
            var end = Math.Min(References, first + rows);
            for (var query = 0; query < nearest.Length; query++)
            {
                Look(embeddings[query], first, end, left is null ? -1 : left[query], nearest[query]);
            }
        }

        return [.. nearest.Select(Sum)];
    }

    private void Look(float[] embedding, int first, int end, int left, float[] nearest)
    {
        for (var index = first; index < end; index++)
        {
            var distance = Distance(embedding, Row(index));
            if (distance < nearest[^1] && index != left)
            {
                var place = nearest.Length - 1;
                for (; place > 0 && nearest[place - 1] > distance; place--)
                {
                    nearest[place] = nearest[place - 1];
                }

                nearest[place] = distance;
            }
        }
    }

    private static float Sum(float[] nearest)
    {
        var sum = 0.0;
        foreach (var distance in nearest)
        {
            sum += 1.0 / Math.Max(distance, LeastDistance);
        }

        return (float)sum;
    }

    private ReadOnlySpan<float> Row(int index) => references.AsSpan(index * dimension, dimension);

    private void CheckLength(float[] embedding, string which)
    {
        if (embedding.Length != dimension || embedding.Length == 0)
        {
            throw new InvalidDataException(
                $"GIQA: {which} has {embedding.Length} values; it must have {dimension}, as the first reference has. Embed all with one encoder."
            );
        }

        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(embedding)))
        {
            throw new InvalidDataException($"GIQA: {which} holds a value that is not finite; all must be. Embed that image again.");
        }
    }
}
