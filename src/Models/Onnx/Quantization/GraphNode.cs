using System.Text;
using Pipeline.Models.Onnx.Guard;

namespace Pipeline.Models.Onnx.Quantization;

/// <summary>A node of a graph, as far as the quantizer reads it.</summary>
/// <param name="Operation">The operator.</param>
/// <param name="Domain">Its domain; empty for ai.onnx.</param>
/// <param name="Inputs">Names in order; empty where one is left out.</param>
/// <param name="Outputs">Names in order.</param>
/// <param name="Attributes">Whole numbers and singles by name.</param>
/// <param name="HasGraph">Whether a graph lies in it, which may use any value of this one.</param>
internal sealed record GraphNode(
    string Operation,
    string Domain,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyDictionary<string, double> Attributes,
    bool HasGraph
)
{
    private const int InputField = 1;
    private const int OutputField = 2;
    private const int OperationField = 4;
    private const int AttributeField = 5;
    private const int DomainField = 7;

    /// <summary>Reads a node of a model that was checked.</summary>
    public static GraphNode Read(ReadOnlyMemory<byte> message, OnnxPlace place)
    {
        var (operation, domain, hasGraph) = ("", "", false);
        var (inputs, outputs) = (new List<string>(), new List<string>());
        var attributes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var field in ProtoFields.Read(message, place))
        {
            switch (field.Number)
            {
                case InputField:
                    inputs.Add(Text(field));
                    break;
                case OutputField:
                    outputs.Add(Text(field));
                    break;
                case OperationField:
                    operation = Text(field);
                    break;
                case DomainField:
                    domain = Text(field);
                    break;
                case AttributeField:
                    hasGraph |= ReadAttribute(field.Bytes, attributes, place);
                    break;
            }
        }

        return new GraphNode(operation, domain, inputs, outputs, attributes, hasGraph);
    }

    /// <summary>True for an operator of ai.onnx.</summary>
    public bool Is(string operation) => Operation == operation && OperatorList.IsStandard(Domain);

    /// <summary>An attribute, or what the operator takes in its place.</summary>
    public double Attribute(string name, double otherwise) => Attributes.GetValueOrDefault(name, otherwise);

    private static bool ReadAttribute(ReadOnlyMemory<byte> message, Dictionary<string, double> attributes, OnnxPlace place)
    {
        var (name, value, hasGraph) = ("", double.NaN, false);
        foreach (var field in ProtoFields.Read(message, place))
        {
            switch (field.Number)
            {
                case 1:
                    name = Text(field);
                    break;
                case 2:
                    value = BitConverter.UInt32BitsToSingle((uint)field.Value);
                    break;
                case 3:
                    value = (long)field.Value;
                    break;
                case 6 or 11:
                    hasGraph = true;
                    break;
            }
        }

        attributes[name] = value;
        return hasGraph;
    }

    private static string Text(ProtoField field) => Encoding.UTF8.GetString(field.Bytes.Span);
}
