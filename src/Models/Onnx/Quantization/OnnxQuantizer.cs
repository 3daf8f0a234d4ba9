using Pipeline.Models.Onnx.Guard;
using Pipeline.Models.Weights;

namespace Pipeline.Models.Onnx.Quantization;

/// <summary>What a quantization did.</summary>
/// <param name="Matrices">Weights that are whole numbers now.</param>
/// <param name="Kept">Multiplications of the graph that stayed as they were: by a value, or by a weight that is no matrix of singles.</param>
/// <param name="SourceBytes">The model's length before, with all that lay in other files.</param>
/// <param name="TargetBytes">Its length now; it is one file.</param>
public sealed record QuantizationReport(int Matrices, int Kept, long SourceBytes, long TargetBytes);

/// <summary>Makes a graph whose linear layers multiply whole numbers of 8 bits.</summary>
/// <remarks>
/// Weights have one scale for each column, stored. What they are multiplied with gets one for each row, of that row alone, when it runs: a result depends on its
/// own row, whatever lies beside it in the call, which ONNX Runtime's own dynamic quantization, with one scale for all, does not give. Convolutions, tables of
/// embeddings and everything else stay float32.
/// </remarks>
public static class OnnxQuantizer
{
    /// <summary>The first version of ai.onnx whose QuantizeLinear and ReduceMax are as they are used here.</summary>
    private const long LeastOperators = 13;

    /// <summary>Reads a model, checks it, and writes it quantized; the target passes the same check.</summary>
    /// <param name="source">An .onnx file with weights of float32.</param>
    /// <param name="target">The file to write, there whole or not at all.</param>
    /// <exception cref="InvalidDataException">The source may not be run, or has nothing to quantize.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static QuantizationReport Quantize(string source, string target)
    {
        var file = OnnxFile.Read(source);
        if (file.OperatorSet < LeastOperators)
        {
            throw new InvalidDataException(
                $"{source} uses version {file.OperatorSet} of ai.onnx; it must be {LeastOperators} or later. Export it again with a later operator set."
            );
        }

        var graph = new QuantizedGraph(source, file);
        var model = graph.Rewrite();
        if (graph.Matrices == 0)
        {
            throw new InvalidDataException(
                $"{source} has no multiplication by a float32 matrix that it stores; it must have one to be quantized. Take the float32 export, not one of half precision or one that is quantized."
            );
        }

        if (model.Length > OnnxLimits.ModelBytes)
        {
            throw new InvalidDataException(
                $"{source} is {model.Length} bytes long when it is quantized; it must be at most {OnnxLimits.ModelBytes}. Take a smaller model."
            );
        }

        var bytes = model.ToArray();
        using (var none = new ExternalFiles(Path.GetDirectoryName(Path.GetFullPath(target)) ?? "/"))
        {
            GraphGuard.Check(target, bytes, new TensorGuard(none));
        }

        AtomicFile.Write(target, stream => stream.Write(bytes));
        return new QuantizationReport(graph.Matrices, graph.Kept, file.Bytes.LongLength, bytes.LongLength);
    }
}
