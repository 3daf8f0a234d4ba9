using Pipeline.Models.Onnx.Guard;

namespace Pipeline.Models.Onnx.Quantization;

/// <summary>Rewrites the main graph of a model: linear layers multiply whole numbers, all else stays byte by byte.</summary>
internal sealed class QuantizedGraph
{
    private const int GraphField = 7;
    private const int OperatorSetField = 8;
    private const int NodeField = 1;
    private const int TensorField = 5;
    private const int OutputField = 12;

    private readonly OnnxFile file;
    private readonly OnnxPlace place;
    private readonly Dictionary<string, StoredMatrix> matrices = new(StringComparer.Ordinal);
    private readonly HashSet<string> used = new(StringComparer.Ordinal);
    private readonly List<(ReadOnlyMemory<byte> Message, GraphNode Node)> nodes = [];
    private readonly QuantizedNodes made;
    private bool hasGraphs;

    /// <summary>Reads the model; it was checked.</summary>
    public QuantizedGraph(string path, OnnxFile file)
    {
        this.file = file;
        place = new OnnxPlace(null, path, -1, OnnxKind.Model, file.Bytes);
        made = new QuantizedNodes(file.OperatorSet);
    }

    /// <summary>Weights that were quantized.</summary>
    public int Matrices => made.Weights;

    /// <summary>Multiplications that stayed.</summary>
    public int Kept { get; private set; }

    /// <summary>The whole model anew.</summary>
    public ProtoPieces Rewrite()
    {
        var model = new ProtoPieces();
        var hasDomain = false;
        foreach (var field in ProtoFields.Read(file.Bytes, place))
        {
            if (field.Number == GraphField)
            {
                model.Add(GraphField, RewriteGraph(field.Bytes));
                continue;
            }

            hasDomain |=
                field.Number == OperatorSetField
                && ProtoFields.Read(field.Bytes, place).Any(part => part.Number == 1 && part.Bytes.Span.SequenceEqual("com.microsoft"u8));
            model.Add(field.Whole);
        }

        if (!hasDomain)
        {
            var domain = new ProtoPieces();
            domain.Add(1, OperatorList.Microsoft);
            domain.Add(2, 1L);
            model.Add(OperatorSetField, domain);
        }

        return model;
    }

    private ProtoPieces RewriteGraph(ReadOnlyMemory<byte> message)
    {
        Learn(message);
        var graph = new ProtoPieces();
        foreach (var (bytes, node) in nodes)
        {
            if (Weight(node) is { } weight)
            {
                made.Replace(node, weight, graph);
            }
            else
            {
                Kept += node.Is("MatMul") || node.Is("Gemm") ? 1 : 0;
                used.UnionWith(node.Inputs);
                graph.Add(NodeField, bytes);
            }
        }

        foreach (var field in ProtoFields.Read(message, place).Where(field => field.Number != NodeField))
        {
            if (field.Number != TensorField || MustStay(field.Bytes))
            {
                graph.Add(field.Whole);
            }
        }

        made.AddTensors(graph);
        return graph;
    }

    private void Learn(ReadOnlyMemory<byte> message)
    {
        foreach (var field in ProtoFields.Read(message, place))
        {
            switch (field.Number)
            {
                case NodeField:
                    var node = GraphNode.Read(field.Bytes, place);
                    hasGraphs |= node.HasGraph;
                    nodes.Add((field.Bytes, node));
                    break;
                case TensorField when StoredMatrix.Read(field.Bytes, place) is { } matrix:
                    matrices[matrix.Name] = matrix;
                    break;
                case OutputField:
                    var name = ProtoFields.Read(field.Bytes, place).FirstOrDefault(part => part.Number == 1);
                    used.Add(System.Text.Encoding.UTF8.GetString(name.Bytes.Span));
                    break;
            }
        }
    }

    /// <summary>The matrix of a linear layer, <c>[inputs, outputs]</c>; null where the node stays.</summary>
    private StoredMatrix? Weight(GraphNode node)
    {
        if (
            node.Inputs.Count < 2
            || node.Outputs.Count != 1
            || !matrices.TryGetValue(node.Inputs[1], out var matrix)
            || !Int8Columns.CanHold(matrix)
        )
        {
            return null;
        }

        var isPlain = node.Attribute("alpha", 1) == 1 && node.Attribute("beta", 1) == 1 && node.Attribute("transA", 0) == 0;
        return node.Is("MatMul") ? matrix
            : node.Is("Gemm") && isPlain ? (node.Attribute("transB", 0) == 0 ? matrix : matrix.Turned())
            : null;
    }

    /// <summary>A weight goes when nothing else uses it; an inner graph may use any.</summary>
    private bool MustStay(ReadOnlyMemory<byte> tensor)
    {
        var name = StoredMatrix.NameOf(tensor, place);
        return hasGraphs || used.Contains(name) || !made.Replaced.Contains(name);
    }
}
