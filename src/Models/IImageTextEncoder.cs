namespace Pipeline.Models;

/// <summary>Puts images and texts into one space, in which what means the same lies near.</summary>
/// <remarks>Safe to call from several threads. An embedding depends on its own image or text alone: calls are padded to <see cref="CallSize"/>.</remarks>
public interface IImageTextEncoder : IDisposable
{
    /// <summary>What was trained, in words that two encoders share only if their embeddings can be read by one head: <c>clip ViT-L/14 224 quick_gelu</c>.</summary>
    string Architecture { get; }

    /// <summary>Values of an embedding.</summary>
    int Dimension { get; }

    /// <summary>What a cosine is multiplied by before the softmax; 100 for most published encoders.</summary>
    float Scale { get; }

    /// <summary>Images, or texts, in one model call; 1 or more. Changes results in their last bits.</summary>
    int CallSize { get; set; }

    /// <summary>Texts so far that were longer than the model takes and were cut.</summary>
    long CutTexts { get; }

    /// <summary>Decodes and preprocesses one encoded image: <c>[3, size, size] float32</c>, RGB, normalised. CPU, one thread.</summary>
    /// <exception cref="Images.ImageRejectedException">The bytes are no image that can be read.</exception>
    float[] Prepare(byte[] image);

    /// <summary>One embedding for each image, in order: <c>[<see cref="Dimension"/>] float32</c> of length 1.</summary>
    /// <param name="pixels">Each as <see cref="Prepare"/> gives it; any number, calls are cut and padded here.</param>
    /// <param name="stop">Ends the work between two calls.</param>
    IReadOnlyList<float[]> EmbedImages(IReadOnlyList<float[]> pixels, CancellationToken stop);

    /// <summary>One embedding for each text, in order: <c>[<see cref="Dimension"/>] float32</c> of length 1.</summary>
    /// <param name="texts">Any number, of any length; what the model cannot take is cut and counted.</param>
    /// <param name="stop">Ends the work between two calls.</param>
    IReadOnlyList<float[]> EmbedTexts(IReadOnlyList<string> texts, CancellationToken stop);
}
