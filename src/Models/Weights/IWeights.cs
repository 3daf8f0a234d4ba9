using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>Named tensors of one file or of several that belong together.</summary>
public interface IWeights
{
    /// <summary>The file or folder that was opened; error messages name it.</summary>
    string Path { get; }

    /// <summary>Every tensor by name, in ordinal order of the names.</summary>
    IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>One tensor on the CPU, of its stored type and shape; the caller disposes.</summary>
    /// <exception cref="InvalidDataException">There is no tensor of that name, or the file was cut; the message names the file.</exception>
    Tensor Tensor(string name);

    /// <summary>One tensor on the CPU: floating-point values converted to <paramref name="compute"/>, all others as stored; the caller disposes.</summary>
    /// <exception cref="InvalidDataException">There is no tensor of that name, or the file was cut; the message names the file.</exception>
    Tensor Tensor(string name, ComputeType compute);

    /// <summary>
    /// The same for reading only: large tensors whose stored type is the wanted one stay in the mapped file where that is safe, so that they take no memory
    /// of their own. Nothing may be written to it: all who ask for the tensor may see one memory. The caller disposes.
    /// </summary>
    /// <exception cref="InvalidDataException">There is no tensor of that name, or the file was cut; the message names the file.</exception>
    Tensor View(string name, ComputeType compute);
}
