namespace Pipeline.Models;

/// <summary>What a safety checker found in one image.</summary>
/// <param name="IsFlagged">True when the image should not be shown.</param>
/// <param name="Score">How sure, 0 to 1 for a classifier; for concepts the highest score over its line.</param>
/// <param name="Reason">The class or concept that decided, for people; empty when not flagged.</param>
public sealed record SafetyVerdict(bool IsFlagged, float Score, string Reason);

/// <summary>Tells images that should not be shown.</summary>
/// <remarks>Safe to call from several threads. A verdict depends on its own image alone.</remarks>
public interface ISafetyChecker : IDisposable
{
    /// <summary>Images in one model call; 1 or more. Changes results in their last bits.</summary>
    int CallSize { get; set; }

    /// <summary>Decodes and preprocesses one encoded image, <c>[3, size, size] float32</c>. CPU, one thread.</summary>
    /// <exception cref="Images.ImageRejectedException">The bytes are no image that can be read.</exception>
    float[] Prepare(byte[] image);

    /// <summary>One verdict for each image, in order.</summary>
    /// <param name="pixels">Each as <see cref="Prepare"/> gives it; any number, calls are cut and padded here.</param>
    /// <param name="stop">Ends the work between two calls.</param>
    IReadOnlyList<SafetyVerdict> Check(IReadOnlyList<float[]> pixels, CancellationToken stop);
}
