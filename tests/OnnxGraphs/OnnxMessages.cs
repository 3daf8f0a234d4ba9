using System.Runtime.InteropServices;

namespace Pipeline.OnnxGraphs;

/// <summary>The messages of ONNX's format (onnx.proto3 of onnx 1.17, MIT), by its field numbers.</summary>
public static class OnnxMessages
{
    /// <summary>AttributeProto.type for a float, an int, a text, a tensor, a graph and a list of ints.</summary>
    private const long FloatKind = 1;
    private const long IntKind = 2;
    private const long TextKind = 3;
    private const long TensorKind = 4;
    private const long GraphKind = 5;
    private const long IntsKind = 7;

    /// <summary>A tensor whose values lie in the message.</summary>
    public static ProtoMessage Tensor(string name, OnnxType type, IEnumerable<long> shape, ReadOnlyMemory<byte> raw) =>
        new ProtoMessage().Packed(1, shape).Number(2, (long)type).Text(8, name).Bytes(9, raw);

    /// <summary>A tensor of singles.</summary>
    public static ProtoMessage Tensor(string name, float[] values, params long[] shape) =>
        Tensor(name, OnnxType.Float, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>A tensor of 64-bit numbers.</summary>
    public static ProtoMessage Tensor(string name, long[] values, params long[] shape) =>
        Tensor(name, OnnxType.Int64, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>A tensor whose values lie in another file; null leaves a key out.</summary>
    public static ProtoMessage ExternalTensor(
        string name,
        OnnxType type,
        IEnumerable<long> shape,
        string? location,
        string? offset = null,
        string? length = null
    )
    {
        var tensor = new ProtoMessage().Packed(1, shape).Number(2, (long)type).Text(8, name);
        foreach (var (key, value) in new[] { ("location", location), ("offset", offset), ("length", length) })
        {
            if (value is not null)
            {
                tensor.Message(13, new ProtoMessage().Text(1, key).Text(2, value));
            }
        }

        return tensor.Number(14, 1);
    }

    /// <summary>A sparse tensor.</summary>
    public static ProtoMessage Sparse(ProtoMessage values, ProtoMessage indices, params long[] shape) =>
        new ProtoMessage().Message(1, values).Message(2, indices).Packed(3, shape);

    /// <summary>An attribute that is a whole number.</summary>
    public static ProtoMessage Attribute(string name, long value) => new ProtoMessage().Text(1, name).Number(3, value).Number(20, IntKind);

    /// <summary>An attribute that is a single.</summary>
    public static ProtoMessage Attribute(string name, float value) =>
        new ProtoMessage().Text(1, name).Single(2, value).Number(20, FloatKind);

    /// <summary>An attribute that is a text.</summary>
    public static ProtoMessage Attribute(string name, string value) => new ProtoMessage().Text(1, name).Text(4, value).Number(20, TextKind);

    /// <summary>An attribute that is a list of whole numbers.</summary>
    public static ProtoMessage Attribute(string name, params long[] values) =>
        new ProtoMessage().Text(1, name).Packed(8, values).Number(20, IntsKind);

    /// <summary>An attribute that is a tensor.</summary>
    public static ProtoMessage TensorAttribute(string name, ProtoMessage tensor) =>
        new ProtoMessage().Text(1, name).Message(5, tensor).Number(20, TensorKind);

    /// <summary>An attribute that is a graph: a body of If, Loop or Scan.</summary>
    public static ProtoMessage GraphAttribute(string name, ProtoMessage graph) =>
        new ProtoMessage().Text(1, name).Message(6, graph).Number(20, GraphKind);

    /// <summary>A node.</summary>
    public static ProtoMessage Node(
        string operation,
        IEnumerable<string> inputs,
        IEnumerable<string> outputs,
        IEnumerable<ProtoMessage>? attributes = null,
        string domain = ""
    )
    {
        var node = new ProtoMessage();
        foreach (var input in inputs)
        {
            node.Text(1, input);
        }

        foreach (var output in outputs)
        {
            node.Text(2, output);
        }

        node.Text(4, operation);
        foreach (var attribute in attributes ?? [])
        {
            node.Message(5, attribute);
        }

        return domain.Length == 0 ? node : node.Text(7, domain);
    }

    /// <summary>An input's or output's declaration; a size is a number or a word.</summary>
    public static ProtoMessage Port(string name, OnnxType type, params object[] sizes)
    {
        var shape = new ProtoMessage();
        foreach (var size in sizes)
        {
            shape.Message(
                1,
                size is string word ? new ProtoMessage().Text(2, word) : new ProtoMessage().Number(1, Convert.ToInt64(size, null))
            );
        }

        var tensor = new ProtoMessage().Number(1, (long)type).Message(2, shape);
        return new ProtoMessage().Text(1, name).Message(2, new ProtoMessage().Message(1, tensor));
    }

    /// <summary>A model of a graph: intermediate representation 8, the operators of <paramref name="operators"/>.</summary>
    public static ProtoMessage Model(ProtoMessage graph, params (string Domain, long Version)[] operators)
    {
        var model = new ProtoMessage().Number(1, 8).Text(2, "pipeline").Message(7, graph);
        foreach (var (domain, version) in operators)
        {
            model.Message(8, new ProtoMessage().Text(1, domain).Number(2, version));
        }

        return model;
    }
}
