using Pipeline.OnnxGraphs;

namespace Pipeline.Models.Tests.Onnx;

/// <summary>A model with a tensor of the caller's in each place where a model may have one.</summary>
internal static class HostilePlaces
{
    /// <summary>Takes a tensor <c>[2] float32</c> named <c>w</c>.</summary>
    public static readonly IReadOnlyDictionary<string, Func<ProtoMessage, ProtoMessage>> All = new Dictionary<
        string,
        Func<ProtoMessage, ProtoMessage>
    >(StringComparer.Ordinal)
    {
        ["graph.initializer[0] (\"w\")"] = tensor => Model(Graph([Identity("w")], [tensor])),
        ["graph.sparse_initializer[0].values (\"w\")"] = tensor =>
            Model(Graph([Identity("w")], []).Message(15, OnnxMessages.Sparse(tensor, Indices, 9))),
        ["graph.sparse_initializer[0].indices (\"w\")"] = tensor =>
            Model(Graph([Identity("w")], []).Message(15, OnnxMessages.Sparse(OnnxMessages.Tensor("v", [1f, 2f], 2), tensor, 9))),
        ["graph.node[0] (Constant).attribute[0] (\"value\").t (\"w\")"] = tensor => Model(Graph([Constant(tensor), Identity("c")], [])),
        ["graph.node[0] (Constant).attribute[0] (\"value\").tensors[0] (\"w\")"] = tensor =>
            Model(
                Graph([OnnxMessages.Node("Constant", [], ["c"], [Attribute("value").Message(10, tensor).Number(20, 9)]), Identity("c")], [])
            ),
        ["graph.node[0] (Constant).attribute[0] (\"sparse_value\").sparse_tensor.values (\"w\")"] = tensor =>
            Model(Graph([Sparse(22, tensor), Identity("c")], [])),
        ["graph.node[0] (Constant).attribute[0] (\"sparse_value\").sparse_tensors[0].values (\"w\")"] = tensor =>
            Model(Graph([Sparse(23, tensor), Identity("c")], [])),
        ["graph.node[0] (If).attribute[0] (\"then_branch\").g.initializer[0] (\"w\")"] = tensor =>
            Model(Graph([If("then_branch", "else_branch", Body([Identity("w", "b")], [tensor])), Identity("c")], [])),
        ["graph.node[0] (If).attribute[0] (\"else_branch\").g.node[0] (Constant).attribute[0] (\"value\").t (\"w\")"] = tensor =>
            Model(Graph([If("else_branch", "then_branch", Body([Constant(tensor), Identity("c", "b")], [])), Identity("c")], [])),
        ["graph.node[0] (Loop).attribute[0] (\"body\").g.initializer[0] (\"w\")"] = tensor =>
            Model(Graph([Body("Loop", Body([Identity("w", "b")], [tensor])), Identity("c")], [])),
        ["graph.node[0] (Scan).attribute[0] (\"body\").g.node[0] (Constant).attribute[0] (\"value\").t (\"w\")"] = tensor =>
            Model(Graph([Body("Scan", Body([Constant(tensor), Identity("c", "b")], [])), Identity("c")], [])),
        ["graph.node[0] (Any).attribute[0] (\"bodies\").graphs[0].initializer[0] (\"w\")"] = tensor =>
            Model(
                Graph(
                    [
                        OnnxMessages.Node(
                            "Any",
                            [],
                            ["c"],
                            [Attribute("bodies").Message(11, Body([Identity("w", "b")], [tensor])).Number(20, 10)]
                        ),
                        Identity("c"),
                    ],
                    []
                )
            ),
        ["functions[0] (\"Own\").node[0] (Constant).attribute[0] (\"value\").t (\"w\")"] = tensor =>
            Model(Graph([OnnxMessages.Node("Own", [], ["c"], domain: "own"), Identity("c")], []))
                .Message(25, Function("Own").Message(7, Constant(tensor))),
        ["functions[0] (\"Own\").attribute_proto[0] (\"value\").t (\"w\")"] = tensor =>
            Model(Graph([OnnxMessages.Node("Own", [], ["c"], domain: "own"), Identity("c")], []))
                .Message(
                    25,
                    Function("Own")
                        .Message(7, Constant(OnnxMessages.Tensor("v", [1f, 2f], 2)))
                        .Message(11, OnnxMessages.TensorAttribute("value", tensor))
                ),
        ["training_info[0].initialization.initializer[0] (\"w\")"] = tensor => Training(1, tensor),
        ["training_info[0].algorithm.initializer[0] (\"w\")"] = tensor => Training(2, tensor),
    };

    public static ProtoMessage Plain(float first = 1) => OnnxMessages.Tensor("w", [first, 2], 2);

    public static ProtoMessage External(string? location, string? offset = null, string? length = null) =>
        OnnxMessages.ExternalTensor("w", OnnxType.Float, [2], location, offset, length);

    public static ProtoMessage Graph(IEnumerable<ProtoMessage> nodes, IEnumerable<ProtoMessage> tensors) =>
        Body(nodes, tensors, "main", "y");

    public static ProtoMessage Model(ProtoMessage graph) => OnnxMessages.Model(graph, ("", 17), ("own", 1));

    public static ProtoMessage Identity(string from, string to = "y") => OnnxMessages.Node("Identity", [from], [to]);

    public static ProtoMessage Function(string name) =>
        new ProtoMessage().Text(1, name).Text(5, "c").Message(9, new ProtoMessage().Text(1, "").Number(2, 17)).Text(10, "own");

    /// <summary>A node with a graph in it.</summary>
    public static ProtoMessage Body(string operation, ProtoMessage body) =>
        OnnxMessages.Node(operation, [], ["c"], [OnnxMessages.GraphAttribute("body", body)]);

    public static ProtoMessage Body(
        IEnumerable<ProtoMessage> nodes,
        IEnumerable<ProtoMessage> tensors,
        string name = "body",
        string output = "b"
    )
    {
        var graph = new ProtoMessage();
        foreach (var node in nodes)
        {
            graph.Message(1, node);
        }

        graph.Text(2, name);
        foreach (var tensor in tensors)
        {
            graph.Message(5, tensor);
        }

        return graph.Message(12, OnnxMessages.Port(output, OnnxType.Float, 2));
    }

    private static ProtoMessage Indices => OnnxMessages.Tensor("i", [3L, 5L], 2);

    private static ProtoMessage Attribute(string name) => new ProtoMessage().Text(1, name);

    private static ProtoMessage Constant(ProtoMessage tensor) =>
        OnnxMessages.Node("Constant", [], ["c"], [OnnxMessages.TensorAttribute("value", tensor)]);

    private static ProtoMessage Sparse(int field, ProtoMessage values) =>
        OnnxMessages.Node(
            "Constant",
            [],
            ["c"],
            [Attribute("sparse_value").Message(field, OnnxMessages.Sparse(values, Indices, 9)).Number(20, field == 22 ? 11 : 12)]
        );

    private static ProtoMessage If(string name, string other, ProtoMessage body) =>
        OnnxMessages.Node(
            "If",
            ["yes"],
            ["c"],
            [
                OnnxMessages.GraphAttribute(name, body),
                OnnxMessages.GraphAttribute(other, Body([Identity("v", "b")], [OnnxMessages.Tensor("v", [1f, 2f], 2)])),
            ]
        );

    private static ProtoMessage Training(int field, ProtoMessage tensor) =>
        Model(Graph([Identity("v")], [OnnxMessages.Tensor("v", [1f, 2f], 2)]))
            .Message(20, new ProtoMessage().Message(field, Body([Identity("w", "b")], [tensor])));
}
