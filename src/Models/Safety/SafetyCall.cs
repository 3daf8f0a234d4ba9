using System.Runtime.InteropServices;
using Pipeline.Models.Calls;
using static TorchSharp.torch;

namespace Pipeline.Models.Safety;

/// <summary>Calls of a checker's network. They take turns: each uses all the threads that it may.</summary>
/// <param name="threads">CPU threads of a call.</param>
internal sealed class SafetyCall(int threads)
{
    private readonly Lock turn = new();

    /// <summary>Runs the work without gradients and copies what it gives.</summary>
    /// <param name="work">Gives float32 values; they go with the call.</param>
    /// <param name="results">Their place.</param>
    /// <exception cref="ModelMemoryException">The call lacks memory.</exception>
    public void Run(Func<Tensor> work, float[] results)
    {
        lock (turn)
        {
            set_num_threads(threads);
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            try
            {
                work().contiguous().data<float>().CopyTo(results);
            }
            catch (ExternalException error) when (error.Message.Contains("allocate", StringComparison.OrdinalIgnoreCase))
            {
                throw new ModelMemoryException(
                    $"A call of the safety checker lacks memory: {error.Message} Make the calls smaller.",
                    error
                );
            }
        }
    }
}
