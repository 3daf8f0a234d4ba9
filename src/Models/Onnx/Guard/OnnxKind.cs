namespace Pipeline.Models.Onnx.Guard;

/// <summary>The messages of ONNX's format that hold tensors, at any depth (onnx.proto3 of onnx 1.17).</summary>
internal enum OnnxKind
{
    Model,
    Training,
    Function,
    Graph,
    Node,
    Attribute,
    Sparse,
    Tensor,
}

/// <summary>What lies in a field.</summary>
/// <param name="Name">The field's name in the format.</param>
/// <param name="Kind">The message that it is; null for a text that describes.</param>
/// <param name="IsList">Whether it may stand more than once.</param>
internal sealed record OnnxField(string Name, OnnxKind? Kind, bool IsList);

/// <summary>The fields that matter for safety, by message and number.</summary>
internal static class OnnxSchema
{
    private static readonly Dictionary<(OnnxKind, int), OnnxField> Fields = new()
    {
        [(OnnxKind.Model, 6)] = Text("doc_string"),
        [(OnnxKind.Model, 7)] = One("graph", OnnxKind.Graph),
        [(OnnxKind.Model, 14)] = Text("metadata_props"),
        [(OnnxKind.Model, 20)] = List("training_info", OnnxKind.Training),
        [(OnnxKind.Model, 25)] = List("functions", OnnxKind.Function),
        [(OnnxKind.Training, 1)] = One("initialization", OnnxKind.Graph),
        [(OnnxKind.Training, 2)] = One("algorithm", OnnxKind.Graph),
        [(OnnxKind.Function, 7)] = List("node", OnnxKind.Node),
        [(OnnxKind.Function, 8)] = Text("doc_string"),
        [(OnnxKind.Function, 11)] = List("attribute_proto", OnnxKind.Attribute),
        [(OnnxKind.Function, 14)] = Text("metadata_props"),
        [(OnnxKind.Graph, 1)] = List("node", OnnxKind.Node),
        [(OnnxKind.Graph, 5)] = List("initializer", OnnxKind.Tensor),
        [(OnnxKind.Graph, 10)] = Text("doc_string"),
        [(OnnxKind.Graph, 15)] = List("sparse_initializer", OnnxKind.Sparse),
        [(OnnxKind.Graph, 16)] = Text("metadata_props"),
        [(OnnxKind.Node, 5)] = List("attribute", OnnxKind.Attribute),
        [(OnnxKind.Node, 6)] = Text("doc_string"),
        [(OnnxKind.Node, 9)] = Text("metadata_props"),
        [(OnnxKind.Attribute, 5)] = One("t", OnnxKind.Tensor),
        [(OnnxKind.Attribute, 6)] = One("g", OnnxKind.Graph),
        [(OnnxKind.Attribute, 10)] = List("tensors", OnnxKind.Tensor),
        [(OnnxKind.Attribute, 11)] = List("graphs", OnnxKind.Graph),
        [(OnnxKind.Attribute, 13)] = Text("doc_string"),
        [(OnnxKind.Attribute, 22)] = One("sparse_tensor", OnnxKind.Sparse),
        [(OnnxKind.Attribute, 23)] = List("sparse_tensors", OnnxKind.Sparse),
        [(OnnxKind.Sparse, 1)] = One("values", OnnxKind.Tensor),
        [(OnnxKind.Sparse, 2)] = One("indices", OnnxKind.Tensor),
        [(OnnxKind.Tensor, 12)] = Text("doc_string"),
        [(OnnxKind.Tensor, 16)] = Text("metadata_props"),
    };

    public static OnnxField? Of(OnnxKind kind, int number) => Fields.GetValueOrDefault((kind, number));

    /// <summary>The number of the field that names such a message for people; 0 if none does.</summary>
    public static int NameOf(OnnxKind kind) =>
        kind switch
        {
            OnnxKind.Node => 3,
            OnnxKind.Tensor => 8,
            OnnxKind.Attribute or OnnxKind.Function => 1,
            _ => 0,
        };

    private static OnnxField One(string name, OnnxKind kind) => new(name, kind, IsList: false);

    private static OnnxField List(string name, OnnxKind kind) => new(name, kind, IsList: true);

    private static OnnxField Text(string name) => new(name, null, IsList: true);
}
