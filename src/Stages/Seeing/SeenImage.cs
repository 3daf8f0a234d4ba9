using Pipeline.Models;

namespace Pipeline.Stages.Seeing;

/// <summary>An image on its way to an encoder: its stored embedding or, without one, its pixels as the encoder takes them.</summary>
/// <param name="Embedding">Halves that a stage before has stored; null where there are none.</param>
/// <param name="Pixels">As <see cref="IImageTextEncoder.Prepare"/> gives them; null where there is an embedding.</param>
public sealed record SeenImage(Half[]? Embedding, float[]? Pixels)
{
    /// <summary>Prepares an image; its bytes are asked for only where there is no embedding.</summary>
    public static SeenImage Of(Half[]? embedding, Func<byte[]> bytes, IImageTextEncoder encoder) =>
        embedding is null ? new(null, encoder.Prepare(bytes())) : new(embedding, null);

    /// <summary>The embedding of each image, of length 1 and as the stored halves have it; those that lack one are embedded in one go.</summary>
    public static IReadOnlyList<float[]> Embed(IReadOnlyList<SeenImage> images, IImageTextEncoder encoder, CancellationToken stop)
    {
        var missing = images.Select(image => image.Pixels).OfType<float[]>().ToList();
        var made = missing.Count == 0 ? [] : encoder.EmbedImages(missing, stop);
        var (all, next) = (new float[images.Count][], 0);
        for (var index = 0; index < all.Length; index++)
        {
            all[index] = StoredEmbedding.Unit(images[index].Embedding ?? StoredEmbedding.Of(made[next++]));
        }

        return all;
    }
}
