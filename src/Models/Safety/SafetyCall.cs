using System.Runtime.InteropServices;
using Pipeline.Models.Calls;
using static TorchSharp.torch;

namespace Pipeline.Models.Safety;

/// <summary>One call of a checker's network.</summary>
internal static class SafetyCall
{
    /// <summary>Runs the work without gradients and copies what it gives.</summary>
    /// <param name="work">Gives float32 values; they go with the call.</param>
    /// <param name="results">Their place.</param>
    /// <exception cref="ModelMemoryException">The call lacks memory.</exception>
    public static void Run(Func<Tensor> work, float[] results)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        try
        {
            work().contiguous().data<float>().CopyTo(results);
        }
        catch (ExternalException error) when (error.Message.Contains("allocate", StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelMemoryException($"A call of the safety checker lacks memory: {error.Message} Make the calls smaller.", error);
        }
    }
}
