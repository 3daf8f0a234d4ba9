using System.Text;
using System.Text.Unicode;

namespace Pipeline.Models.Onnx.Guard;

/// <summary>Walks over all of a model before ONNX Runtime sees it: every graph, function, node, attribute and tensor at any depth.</summary>
internal sealed class GraphGuard
{
    private const int NodeInputField = 1;
    private const int NodeOutputField = 2;
    private const int OperationField = 4;
    private const int NodeDomainField = 7;
    private const int FunctionNameField = 1;
    private const int FunctionDomainField = 10;
    private const int OperatorSetField = 8;
    private const int GraphInputField = 11;
    private const int GraphOutputField = 12;

    private readonly TensorGuard tensors;
    private readonly FunctionCalls calls = new();
    private readonly Dictionary<string, long> operatorSets = new(StringComparer.Ordinal);
    private long metadata;
    private int nodes;
    private bool mixesRows;

    private GraphGuard(TensorGuard tensors) => this.tensors = tensors;

    /// <summary>Checks a model.</summary>
    /// <param name="path">For error messages.</param>
    /// <param name="model">The file's bytes.</param>
    /// <param name="tensors">Takes note of the tensors that lie in other files.</param>
    /// <returns>The version of ai.onnx that the model uses, and whether a node of it takes one scale for all rows of a call.</returns>
    /// <exception cref="InvalidDataException">Something may not be there; file and field are named.</exception>
    public static (long OperatorSet, bool MixesRows) Check(string path, ReadOnlyMemory<byte> model, TensorGuard tensors)
    {
        var guard = new GraphGuard(tensors);
        var file = new OnnxPlace(null, path, -1, OnnxKind.Model, model);
        try
        {
            var fields = guard.Visit(OnnxKind.Model, model, file, guard.calls.Graph, graphs: 0);
            if ((fields & (1L << 7)) == 0)
            {
                throw file.Refusal("graph", "not there", "a graph");
            }

            guard.calls.Check(file);
        }
        catch (BrokenMessageException error)
        {
            throw new InvalidDataException(
                $"{error.Message}; it must be ONNX's protobuf from its first byte to its last. Take the model from its publisher again: the file is cut, or of another kind.",
                error
            );
        }

        return guard.operatorSets.TryGetValue("", out var version)
            ? (version, guard.mixesRows)
            : throw file.Refusal("opset_import", "without ai.onnx", "one that has the version of ai.onnx");
    }

    /// <summary>Walks over one message and all in it.</summary>
    /// <returns>The numbers of the fields up to 63 that were there, one bit each.</returns>
    private long Visit(OnnxKind kind, ReadOnlyMemory<byte> message, OnnxPlace place, FunctionCalls.Body body, int graphs)
    {
        switch (kind)
        {
            case OnnxKind.Node:
                CheckNode(message, place, body);
                break;
            case OnnxKind.Function:
                body = Declare(message, place);
                break;
            case OnnxKind.Sparse:
                CheckSparse(message, place);
                return 0;
            case OnnxKind.Graph when graphs == OnnxLimits.GraphDepth:
                throw place.Refusal("", $"a graph in {graphs} graphs", $"in at most {OnnxLimits.GraphDepth - 1}");
            case OnnxKind.Graph:
                graphs++;
                break;
        }

        var (seen, places) = (0L, new Dictionary<int, int>());
        foreach (var field in ProtoFields.Read(message, place))
        {
            var bit = field.Number < 64 ? 1L << field.Number : 0;
            CheckOwn(kind, field, place);
            if (OnnxSchema.Of(kind, field.Number) is { } inner)
            {
                if (field.Wire != ProtoFields.Length)
                {
                    throw place.Refusal(inner.Name, $"of the wire type {field.Wire}", "of the type that the format says");
                }

                // protobuf would join the two, and what was checked apart would be run together.
                if (!inner.IsList && (seen & bit) != 0)
                {
                    throw place.Refusal(inner.Name, "there twice", "there once");
                }

                places.TryGetValue(field.Number, out var index);
                places[field.Number] = index + 1;
                Enter(inner, field.Bytes, place.In(inner, index, field.Bytes), body, graphs);
            }

            seen |= bit;
        }

        return seen;
    }

    private void Enter(OnnxField inner, ReadOnlyMemory<byte> bytes, OnnxPlace place, FunctionCalls.Body body, int graphs)
    {
        switch (inner.Kind)
        {
            case null:
                Count(bytes.Length, place);
                break;
            case OnnxKind.Tensor:
                tensors.Check(bytes, place);
                Describe(bytes, place);
                break;
            case { } kind:
                Visit(kind, bytes, place, body, graphs);
                break;
        }
    }

    /// <summary>Fields that are no message of the schema, of model and graph.</summary>
    private void CheckOwn(OnnxKind kind, ProtoField field, OnnxPlace place)
    {
        if (kind == OnnxKind.Model && field.Number == OperatorSetField)
        {
            var (domain, version) = ("", 0L);
            foreach (var part in ProtoFields.Read(field.Bytes, place))
            {
                domain = part.Number == 1 ? Name(part, place) : domain;
                version = part.Number == 2 ? (long)part.Value : version;
            }

            operatorSets[OperatorList.IsStandard(domain) ? "" : domain] = version;
        }
        else if (kind == OnnxKind.Graph && field.Number is GraphInputField or GraphOutputField)
        {
            foreach (var part in ProtoFields.Read(field.Bytes, place))
            {
                _ = part.Number == 1 ? Name(part, place) : "";
            }
        }
    }

    private void CheckNode(ReadOnlyMemory<byte> message, OnnxPlace place, FunctionCalls.Body body)
    {
        nodes++;
        if (nodes > OnnxLimits.Nodes)
        {
            throw place.Refusal("", "one node more than there may be", $"among the first {OnnxLimits.Nodes}");
        }

        var (operation, domain) = ("", "");
        foreach (var field in ProtoFields.Read(message, place))
        {
            switch (field.Number)
            {
                case OperationField:
                    operation = Name(field, place);
                    break;
                case NodeDomainField:
                    domain = Name(field, place);
                    break;
                case NodeInputField or NodeOutputField:
                    Name(field, place);
                    break;
            }
        }

        mixesRows |= operation is "DynamicQuantizeLinear" or "DynamicQuantizeMatMul";
        if (OperatorList.Allows(domain, operation))
        {
            body.AddOperator();
        }
        else
        {
            body.AddCall(domain, operation, place);
        }
    }

    private FunctionCalls.Body Declare(ReadOnlyMemory<byte> message, OnnxPlace place)
    {
        var (name, domain) = ("", "");
        foreach (var field in ProtoFields.Read(message, place))
        {
            name = field.Number == FunctionNameField ? Name(field, place) : name;
            domain = field.Number == FunctionDomainField ? Name(field, place) : domain;
        }

        return calls.Declare(domain, name, place);
    }

    private void CheckSparse(ReadOnlyMemory<byte> message, OnnxPlace place)
    {
        var dims = new List<long>();
        var (bits, seen) = (0, 0);
        foreach (var field in ProtoFields.Read(message, place))
        {
            if (OnnxSchema.Of(OnnxKind.Sparse, field.Number) is { } inner)
            {
                if ((seen & (1 << field.Number)) != 0 || field.Wire != ProtoFields.Length)
                {
                    throw place.Refusal(inner.Name, $"there twice, or of the wire type {field.Wire}", "there once, as a tensor");
                }

                seen |= 1 << field.Number;
                var (own, _) = tensors.Check(field.Bytes, place.In(inner, 0, field.Bytes));
                bits = inner.Name == "values" ? own : bits;
            }
            else if (field.Number == 3)
            {
                dims.AddRange(ProtoFields.Numbers(field, place).Take(OnnxLimits.Axes + 1));
            }
        }

        var bytes = (Int128)TensorGuard.Elements(dims, place) * bits / 8;
        if (bytes > OnnxLimits.DenseBytes)
        {
            throw place.Refusal("dims", $"[{string.Join(", ", dims)}], dense {bytes} bytes", $"for at most {OnnxLimits.DenseBytes} bytes");
        }
    }

    /// <summary>Descriptions of a tensor, which the tensor's own check passes over.</summary>
    private void Describe(ReadOnlyMemory<byte> tensor, OnnxPlace place)
    {
        foreach (var field in ProtoFields.Read(tensor, place))
        {
            if (OnnxSchema.Of(OnnxKind.Tensor, field.Number) is not null)
            {
                Count(field.Bytes.Length, place);
            }
            else if (field.Number == OnnxSchema.NameOf(OnnxKind.Tensor))
            {
                Name(field, place);
            }
        }
    }

    private void Count(int bytes, OnnxPlace place)
    {
        metadata += bytes;
        if (metadata > OnnxLimits.MetadataBytes)
        {
            throw place.Refusal(
                "",
                "where descriptions and metadata grow too long",
                $"within {OnnxLimits.MetadataBytes} bytes of them in all"
            );
        }
    }

    private static string Name(ProtoField field, OnnxPlace place)
    {
        if (field.Wire != ProtoFields.Length || field.Bytes.Length > OnnxLimits.NameBytes)
        {
            throw place.Refusal(
                $"field {field.Number}",
                $"{field.Bytes.Length} bytes of the wire type {field.Wire}",
                $"a name of at most {OnnxLimits.NameBytes} bytes"
            );
        }

        return Utf8.IsValid(field.Bytes.Span)
            ? Encoding.UTF8.GetString(field.Bytes.Span)
            : throw place.Refusal($"field {field.Number}", "a name that is not UTF-8", "a name in UTF-8");
    }
}
