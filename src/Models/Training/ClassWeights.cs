namespace Pipeline.Models.Training;

/// <summary>How much each class weighs in the loss.</summary>
internal static class ClassWeights
{
    /// <summary>ALIA: w = (1/n) / max(1/n), so that the rarest class weighs 1. A class without an image weighs 0: the loss never meets it.</summary>
    public static float[] ByRarity(IReadOnlyList<int> counts)
    {
        var rarest = counts.Where(count => count > 0).DefaultIfEmpty(0).Min();
        return [.. counts.Select(count => count == 0 ? 0f : (float)((double)rarest / count))];
    }

    /// <summary>Images of each class.</summary>
    /// <exception cref="InvalidDataException">A label is not between 0 and <paramref name="classes"/> - 1.</exception>
    public static int[] Count(ITrainingImages images, int classes)
    {
        var counts = new int[classes];
        for (var index = 0; index < images.Count; index++)
        {
            var label = images.Label(index);
            if ((uint)label >= (uint)classes)
            {
                throw new InvalidDataException(
                    $"The label of sample {images.Id(index)} is {label}; it must be between 0 and {classes - 1}. Check the label column."
                );
            }

            counts[label]++;
        }

        return counts;
    }
}
