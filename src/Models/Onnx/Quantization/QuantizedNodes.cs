using System.Runtime.InteropServices;
using Pipeline.Models.Onnx.Guard;

namespace Pipeline.Models.Onnx.Quantization;

/// <summary>The nodes and tensors that stand in place of linear layers.</summary>
/// <param name="operators">Version of ai.onnx.</param>
internal sealed class QuantizedNodes(long operators)
{
    private const int NodeField = 1;
    private const int TensorField = 5;
    private const string Prefix = "pipeline_int8";
    private const string ToWhole = $"{Prefix}/to_whole";
    private const string Least = $"{Prefix}/least";
    private const string One = $"{Prefix}/one";
    private const string Middle = $"{Prefix}/middle";
    private const string LastAxis = $"{Prefix}/last_axis";

    /// <summary>TensorProto's numbers of element types.</summary>
    private const long Single = 1;
    private const long UInt8 = 2;
    private const long Int8 = 3;
    private const long Int64 = 7;

    /// <summary>The first version whose ReduceMax takes its axes as an input.</summary>
    private const long AxesAsInput = 18;

    private readonly List<ProtoPieces> tensors = [];
    private readonly Dictionary<string, (string Whole, string Scale)> rows = new(StringComparer.Ordinal);
    private readonly HashSet<(string Name, bool Turned)> weights = [];

    /// <summary>Weights that were quantized.</summary>
    public int Weights => weights.Count;

    /// <summary>Their names.</summary>
    public HashSet<string> Replaced { get; } = new(StringComparer.Ordinal);

    /// <summary>Writes the nodes of a MatMul or a Gemm by a stored matrix.</summary>
    public void Replace(GraphNode node, StoredMatrix weight, ProtoPieces graph)
    {
        var isTurned = node.Attribute("transB", 0) != 0;
        var name = $"{Prefix}/{weight.Name}{(isTurned ? "/turned" : "")}";
        if (weights.Add((weight.Name, isTurned)))
        {
            Replaced.Add(weight.Name);
            var columns = Int8Columns.Of(weight);
            tensors.Add(
                Tensor($"{name}/whole", Int8, [weight.Rows, weight.Columns], MemoryMarshal.AsBytes(columns.Values.AsSpan()).ToArray())
            );
            tensors.Add(Tensor($"{name}/scale", columns.Scales, weight.Columns));
        }

        var (whole, scale) = Rows(node.Inputs[0], graph);
        var output = node.Outputs[0];
        var bias = node.Inputs.Count > 2 ? node.Inputs[2] : "";
        var scaled = bias.Length > 0 ? $"{Prefix}/{output}/scaled" : output;
        Add(
            graph,
            "MatMulIntegerToFloat",
            [whole, $"{name}/whole", One, $"{name}/scale", Middle],
            $"{Prefix}/{output}/product",
            domain: OperatorList.Microsoft
        );
        Add(graph, "Mul", [$"{Prefix}/{output}/product", scale], scaled);
        if (bias.Length > 0)
        {
            Add(graph, "Add", [scaled, bias], output);
        }
    }

    /// <summary>Writes the tensors of all nodes.</summary>
    public void AddTensors(ProtoPieces graph)
    {
        tensors.Add(Tensor(ToWhole, [1f / 127], null));
        tensors.Add(Tensor(Least, [1e-30f], null));
        tensors.Add(Tensor(One, [1f], null));
        tensors.Add(Tensor(Middle, UInt8, [], [128]));
        if (operators >= AxesAsInput)
        {
            tensors.Add(Tensor(LastAxis, Int64, [1], BitConverter.GetBytes(-1L)));
        }

        tensors.ForEach(tensor => graph.Add(TensorField, tensor));
    }

    /// <summary>A value as whole numbers 1 to 255 around 128, and what one of them stands for in each row; made once for all that use it.</summary>
    private (string Whole, string Scale) Rows(string value, ProtoPieces graph)
    {
        if (rows.TryGetValue(value, out var known))
        {
            return known;
        }

        string Name(string part) => $"{Prefix}/{value}/{part}";
        Add(graph, "Abs", [value], Name("size"));
        Add(
            graph,
            "ReduceMax",
            operators >= AxesAsInput ? [Name("size"), LastAxis] : [Name("size")],
            Name("most"),
            attribute: operators >= AxesAsInput ? null : LastAxisAttribute()
        );
        Add(graph, "Mul", [Name("most"), ToWhole], Name("share"));
        Add(graph, "Max", [Name("share"), Least], Name("scale"));
        Add(graph, "Div", [value, Name("scale")], Name("divided"));
        Add(graph, "QuantizeLinear", [Name("divided"), One, Middle], Name("whole"));
        return rows[value] = (Name("whole"), Name("scale"));
    }

    private static void Add(
        ProtoPieces graph,
        string operation,
        IEnumerable<string> inputs,
        string output,
        ProtoPieces? attribute = null,
        string domain = ""
    )
    {
        var node = new ProtoPieces();
        foreach (var input in inputs)
        {
            node.Add(1, input);
        }

        node.Add(2, output);
        node.Add(4, operation);
        if (attribute is not null)
        {
            node.Add(5, attribute);
        }

        if (domain.Length > 0)
        {
            node.Add(7, domain);
        }

        graph.Add(NodeField, node);
    }

    /// <summary><c>axes = [-1]</c>; a negative number is ten bytes of a varint.</summary>
    private static ProtoPieces LastAxisAttribute()
    {
        var attribute = new ProtoPieces();
        attribute.Add(1, "axes");
        attribute.Add(8, -1L);
        attribute.Add(20, 7L);
        return attribute;
    }

    private static ProtoPieces Tensor(string name, float[] values, int? length) =>
        Tensor(name, Single, length is { } size ? [size] : [], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static ProtoPieces Tensor(string name, long type, IEnumerable<int> shape, byte[] values)
    {
        var tensor = new ProtoPieces();
        foreach (var size in shape)
        {
            tensor.Add(1, (long)size);
        }

        tensor.Add(2, type);
        tensor.Add(8, name);
        tensor.Add(9, values);
        return tensor;
    }
}
