using Pipeline.Models.Onnx.Guard;

namespace Pipeline.Models.Onnx;

/// <summary>A model file that was read once, checked, and needs no other file any more.</summary>
/// <param name="Bytes">What a session is made of.</param>
/// <param name="OperatorSet">Version of ai.onnx.</param>
/// <param name="MixesRows">Whether a node takes one scale for all rows of a call.</param>
internal sealed record OnnxFile(byte[] Bytes, long OperatorSet, bool MixesRows)
{
    /// <summary>Reads and checks a model and the files that its tensors lie in.</summary>
    /// <exception cref="InvalidDataException">Something may not be there; file and field are named.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static OnnxFile Read(string path)
    {
        using var handle = File.OpenHandle(path);
        var file = new ExternalFile(handle, path);
        if (file.Length > OnnxLimits.ModelBytes)
        {
            throw new InvalidDataException(
                $"{path} is {file.Length} bytes long; it must be of at most {OnnxLimits.ModelBytes} bytes, as protobuf's reader is. Take an export with half precision."
            );
        }

        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        using var files = new ExternalFiles(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/");
        var tensors = new TensorGuard(files);
        var (operators, mixesRows) = GraphGuard.Check(path, bytes, tensors);
        return new OnnxFile(ExternalInlining.Join(path, bytes, tensors.External), operators, mixesRows);
    }
}
