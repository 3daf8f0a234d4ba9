using System.Globalization;

namespace Pipeline.OnnxGraphs;

/// <summary>Builds a graph node by node; names of values are made here. What is wrong is found by who opens it.</summary>
/// <param name="name">The graph's name.</param>
/// <param name="operators">Version of ai.onnx, 14 to 21.</param>
public sealed class OnnxGraph(string name, long operators = 17)
{
    private readonly List<ProtoMessage> nodes = [];
    private readonly List<ProtoMessage> tensors = [];
    private readonly List<ProtoMessage> inputs = [];
    private readonly List<ProtoMessage> outputs = [];
    private readonly HashSet<string> domains = new(StringComparer.Ordinal);
    private int values;

    /// <summary>Version of ai.onnx.</summary>
    public long Operators => operators;

    /// <summary>Declares an input.</summary>
    /// <returns>Its name.</returns>
    public string Input(string input, OnnxType type, params object[] sizes)
    {
        inputs.Add(OnnxMessages.Port(input, type, sizes));
        return input;
    }

    /// <summary>Declares that a value is an output, under another name.</summary>
    public void Output(string output, string value, OnnxType type, params object[] sizes)
    {
        nodes.Add(OnnxMessages.Node("Identity", [value], [output]));
        outputs.Add(OnnxMessages.Port(output, type, sizes));
    }

    /// <summary>Stores a tensor.</summary>
    /// <returns>Its name.</returns>
    public string Tensor(string tensor, float[] content, params long[] shape) =>
        Tensor(tensor, OnnxMessages.Tensor(tensor, content, shape));

    /// <summary>Stores a tensor.</summary>
    /// <returns>Its name.</returns>
    public string Tensor(string tensor, long[] content, params long[] shape) => Tensor(tensor, OnnxMessages.Tensor(tensor, content, shape));

    /// <summary>Stores a tensor that is a message already.</summary>
    /// <returns>Its name.</returns>
    public string Tensor(string tensor, ProtoMessage message)
    {
        tensors.Add(message);
        return tensor;
    }

    /// <summary>Stores whole numbers without a name of the caller's: sizes, axes, starts.</summary>
    public string Numbers(params long[] content) => Tensor(NewName("numbers"), content, content.Length);

    /// <summary>Stores one whole number as a scalar.</summary>
    public string Scalar(long content) => Tensor(NewName("scalar"), [content]);

    /// <summary>Stores one single as a scalar.</summary>
    public string Scalar(float content) => Tensor(NewName("scalar"), [content]);

    /// <summary>Adds a node of ai.onnx.</summary>
    /// <returns>The name of its one output.</returns>
    public string Node(string operation, IReadOnlyList<string> from, params ProtoMessage[] attributes)
    {
        var output = NewName(operation);
        nodes.Add(OnnxMessages.Node(operation, from, [output], attributes));
        return output;
    }

    /// <summary>Adds a node of another domain.</summary>
    /// <returns>The name of its one output.</returns>
    public string NodeOf(string domain, string operation, IReadOnlyList<string> from, params ProtoMessage[] attributes)
    {
        domains.Add(domain);
        var output = NewName(operation);
        nodes.Add(OnnxMessages.Node(operation, from, [output], attributes, domain));
        return output;
    }

    /// <summary>The graph as a message: nodes, tensors, inputs and outputs, each in the order in which it was added.</summary>
    public ProtoMessage ToMessage()
    {
        var graph = new ProtoMessage();
        nodes.ForEach(node => graph.Message(1, node));
        graph.Text(2, name);
        tensors.ForEach(tensor => graph.Message(5, tensor));
        inputs.ForEach(input => graph.Message(11, input));
        outputs.ForEach(output => graph.Message(12, output));
        return graph;
    }

    /// <summary>The model of the graph.</summary>
    public ProtoMessage ToModel() =>
        OnnxMessages.Model(ToMessage(), [("", operators), .. domains.Order(StringComparer.Ordinal).Select(domain => (domain, 1L))]);

    /// <summary>Writes the model, with the folder if that is not there.</summary>
    public void Save(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".");
        using var stream = File.Create(path);
        ToModel().WriteTo(stream);
    }

    private string NewName(string operation) => string.Create(CultureInfo.InvariantCulture, $"/{operation}_{values++}");
}
