namespace Pipeline.Models.Training;

/// <summary>Writes the pixels of one image: <c>[3, size, size] uint8</c>, RGB planes, rows from the top.</summary>
public delegate void ReadPixels(int index, Span<byte> rgb);

/// <summary>Labelled images of one size. The order of the indices is storage order and has no influence on a training.</summary>
public interface ITrainingImages
{
    /// <summary>Images; indices run from 0 to one less.</summary>
    int Count { get; }

    /// <summary>The sample's id: unique among these images, the same in every run.</summary>
    string Id(int index);

    /// <summary>The class, from 0.</summary>
    int Label(int index);

    /// <summary>Writes <c>[3, size, size] uint8</c>, RGB planes, of the recipe's image size. Called from several threads at once.</summary>
    void Read(int index, Span<byte> rgb);
}

/// <summary>The images that weights are fitted to.</summary>
/// <param name="Images">At least one.</param>
public sealed record TrainingSplit(ITrainingImages Images);

/// <summary>The images that choose among epochs; may be empty, then the last epoch is chosen.</summary>
/// <param name="Images">None or more.</param>
public sealed record ValidationSplit(ITrainingImages Images);

/// <summary>The images that the chosen model is tested on, once. Nothing that fits or chooses takes this type, and nothing outside can take them out of it.</summary>
/// <param name="images">None or more.</param>
public sealed class TestSplit(ITrainingImages images)
{
    internal ITrainingImages Images { get; } = images;
}
