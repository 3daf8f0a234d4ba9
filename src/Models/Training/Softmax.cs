namespace Pipeline.Models.Training;

/// <summary>Probabilities from logits, in double precision, the same on every device.</summary>
internal static class Softmax
{
    /// <summary>The softmax of one row; sums to 1.</summary>
    public static float[] Of(float[] logits)
    {
        var all = LogSum(logits);
        return Array.ConvertAll(logits, logit => (float)Math.Exp(logit - all));
    }

    /// <summary>Cross entropy of one row: -ln p of the label.</summary>
    public static double Loss(float[] logits, int label) => LogSum(logits) - logits[label];

    /// <summary>The index of the greatest value; of equal ones the first.</summary>
    public static int Best(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var index = 1; index < values.Length; index++)
        {
            best = values[index] > values[best] ? index : best;
        }

        return best;
    }

    private static double LogSum(float[] logits)
    {
        var greatest = (double)logits.Max();
        return greatest + Math.Log(logits.Sum(logit => Math.Exp(logit - greatest)));
    }
}
