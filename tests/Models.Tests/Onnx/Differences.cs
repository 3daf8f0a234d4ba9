namespace Pipeline.Models.Tests.Onnx;

/// <summary>How far two vectors lie apart.</summary>
internal static class Differences
{
    public static float Most(IReadOnlyList<float> left, IReadOnlyList<float> right)
    {
        left.Should().HaveCount(right.Count);
        return left.Zip(right, (a, b) => Math.Abs(a - b)).Max();
    }

    public static double Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var (product, first, second) = (0.0, 0.0, 0.0);
        for (var index = 0; index < left.Length; index++)
        {
            product += (double)left[index] * right[index];
            first += (double)left[index] * left[index];
            second += (double)right[index] * right[index];
        }

        return product / Math.Sqrt(first * second);
    }
}
