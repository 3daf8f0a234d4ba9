using Pipeline.Models.Quality;

namespace Pipeline.Stages.Seeing;

/// <summary>Embeddings as shards hold them: halves. Every score and verdict is computed from what these say, whether a shard held them or not, so that each way gives the same.</summary>
public static class StoredEmbedding
{
    /// <summary>An encoder's embedding as it is stored.</summary>
    public static Half[] Of(float[] embedding) => Array.ConvertAll(embedding, value => (Half)value);

    /// <summary>A stored embedding as it is compared: <c>[dimension] float32</c>, brought to length 1 again.</summary>
    public static float[] Unit(Half[] stored) => UnitLength.Of(Array.ConvertAll(stored, value => (float)value));
}
