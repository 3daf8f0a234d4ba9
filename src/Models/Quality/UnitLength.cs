namespace Pipeline.Models.Quality;

/// <summary>Brings embeddings to length 1.</summary>
public static class UnitLength
{
    /// <summary>The values over their Euclidean length, which is summed in double precision; zeros stay zeros.</summary>
    /// <param name="embedding">Values of any scale, also f16 values that are read back.</param>
    public static float[] Of(ReadOnlySpan<float> embedding)
    {
        var squares = 0.0;
        foreach (var value in embedding)
        {
            squares += (double)value * value;
        }

        var length = squares > 0 ? Math.Sqrt(squares) : 1;
        var result = new float[embedding.Length];
        for (var index = 0; index < result.Length; index++)
        {
            result[index] = (float)(embedding[index] / length);
        }

        return result;
    }
}
