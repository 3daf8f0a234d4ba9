using Pipeline.Models.Images;

namespace Pipeline.Models;

/// <summary>One edit that is wanted of one image.</summary>
/// <param name="Source">The image to edit.</param>
/// <param name="Prompt">What the result should show.</param>
/// <param name="Strength">How far the result may move from the source; 0 (not at all) to 1.</param>
/// <param name="Seed">Seeds every draw of this edit, so that the result depends on nothing else.</param>
public sealed record EditRequest(RgbImage Source, string Prompt, double Strength, ulong Seed);

/// <summary>Edits images as a text says.</summary>
public interface IImageEditor
{
    /// <summary>Checks a prompt before any image is edited.</summary>
    /// <exception cref="InvalidDataException">The editor cannot do what <paramref name="prompt"/> asks; the message says what it can do.</exception>
    void Check(string prompt);

    /// <summary>Gives one image for each request, in order, of its source's size. A result depends on its own request alone.</summary>
    /// <param name="requests">The edits that are wanted.</param>
    /// <param name="stop">Ends the call early.</param>
    ValueTask<IReadOnlyList<RgbImage>> EditAsync(IReadOnlyList<EditRequest> requests, CancellationToken stop);
}
