namespace Pipeline.Models.Clip;

/// <summary>Both towers on one backend. Safe to call from several threads; a row's result depends on the row and on the call's size alone.</summary>
internal interface IClipTowers : IDisposable
{
    /// <summary>What cosines are multiplied by.</summary>
    float Scale { get; }

    /// <summary>Embeds images.</summary>
    /// <param name="pixels"><c>[rows, 3, size, size]</c>.</param>
    /// <param name="rows">Rows of the call.</param>
    /// <param name="results"><c>[rows, dimension]</c>, of any length each.</param>
    /// <exception cref="Calls.ModelMemoryException">The call lacks memory.</exception>
    void Images(float[] pixels, int rows, float[] results);

    /// <summary>Embeds texts.</summary>
    /// <param name="ids"><c>[rows, positions]</c>, padded after the end token.</param>
    /// <param name="rows">Rows of the call.</param>
    /// <param name="results"><c>[rows, dimension]</c>, of any length each.</param>
    /// <exception cref="Calls.ModelMemoryException">The call lacks memory.</exception>
    void Texts(long[] ids, int rows, float[] results);
}
