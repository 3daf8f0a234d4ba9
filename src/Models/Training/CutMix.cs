namespace Pipeline.Models.Training;

/// <summary>CutMix (Yun et al. 2019) as ALIA's baseline draws it: for each sample up to two pastes, each with probability 0.5, beta(1, 1).</summary>
internal static class CutMix
{
    private const int Pastes = 2;
    private const double Probability = 0.5;

    /// <summary>Pastes boxes of other samples into one image and moves as much of its target as was covered.</summary>
    /// <param name="rgb"><c>[3, size, size] uint8</c>, RGB planes; changed in place.</param>
    /// <param name="target">Share of each class, sums to 1; changed in place.</param>
    /// <param name="size">Pixels of a side.</param>
    /// <param name="images">Where partners come from.</param>
    /// <param name="order">Draws partners by the rank of their id, never by their place in storage.</param>
    /// <param name="random">Keyed by sample and pass.</param>
    public static void Apply(Span<byte> rgb, Span<float> target, int size, ITrainingImages images, SampleOrder order, KeyedRandom random)
    {
        var other = new byte[rgb.Length];
        for (var paste = 0; paste < Pastes; paste++)
        {
            var skipped = random.NextDouble() > Probability;
            var edge = (int)(size * Math.Sqrt(1 - random.NextDouble()));
            var partner = order.IndexByRank(random.NextInt32(images.Count));
            var (left, right) = Span(random.NextInt32(size), edge, size);
            var (top, bottom) = Span(random.NextInt32(size), edge, size);
            if (skipped)
            {
                continue;
            }

            images.Read(partner, other);
            for (var plane = 0; plane < 3; plane++)
            {
                for (var row = top; row < bottom; row++)
                {
                    var begin = (plane * size + row) * size + left;
                    other.AsSpan(begin, right - left).CopyTo(rgb[begin..]);
                }
            }

            var covered = (float)(right - left) * (bottom - top) / (size * size);
            foreach (ref var share in target)
            {
                share *= 1 - covered;
            }

            target[images.Label(partner)] += covered;
        }
    }

    private static (int Begin, int End) Span(int middle, int edge, int size) =>
        (Math.Max(0, middle - edge / 2), Math.Min(size, middle + edge / 2));
}
