using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Models.Onnx.Guard;

namespace Pipeline.Models.Onnx.Quantization;

/// <summary>A stored tensor of singles with two axes.</summary>
/// <param name="Name">In the graph.</param>
/// <param name="Rows">First axis.</param>
/// <param name="Columns">Second axis.</param>
/// <param name="Values">Row by row.</param>
internal sealed record StoredMatrix(string Name, int Rows, int Columns, float[] Values)
{
    private const int Single = 1;
    private const int NameField = 8;

    /// <summary>A tensor's name.</summary>
    public static string NameOf(ReadOnlyMemory<byte> message, OnnxPlace place) =>
        ProtoFields
            .Read(message, place)
            .Where(field => field.Number == NameField)
            .Select(field => Encoding.UTF8.GetString(field.Bytes.Span))
            .LastOrDefault("");

    /// <summary>Reads a tensor of a model that was checked; null if it is no matrix of singles.</summary>
    public static StoredMatrix? Read(ReadOnlyMemory<byte> message, OnnxPlace place)
    {
        var (name, type, dims, raw) = ("", 0L, new List<long>(), ReadOnlyMemory<byte>.Empty);
        List<ProtoField> singles = [];
        foreach (var field in ProtoFields.Read(message, place))
        {
            switch (field.Number)
            {
                case 1:
                    dims.AddRange(ProtoFields.Numbers(field, place));
                    break;
                case 2:
                    type = (long)field.Value;
                    break;
                case 4:
                    singles.Add(field);
                    break;
                case NameField:
                    name = Encoding.UTF8.GetString(field.Bytes.Span);
                    break;
                case 9:
                    raw = field.Bytes;
                    break;
            }
        }

        if (type != Single || dims is not [> 0 and <= int.MaxValue, > 0 and <= int.MaxValue])
        {
            return null;
        }

        var values = singles.Count == 0 ? MemoryMarshal.Cast<byte, float>(raw.Span).ToArray() : [.. singles.SelectMany(Singles)];
        return new StoredMatrix(name, (int)dims[0], (int)dims[1], values);
    }

    /// <summary>Rows and columns exchanged.</summary>
    public StoredMatrix Turned()
    {
        var turned = new float[Values.Length];
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                turned[column * Rows + row] = Values[row * Columns + column];
            }
        }

        return this with
        {
            Rows = Columns,
            Columns = Rows,
            Values = turned,
        };
    }

    private static float[] Singles(ProtoField field) =>
        field.Wire == ProtoFields.Length
            ? MemoryMarshal.Cast<byte, float>(field.Bytes.Span).ToArray()
            : [BitConverter.UInt32BitsToSingle((uint)field.Value)];
}
