namespace Pipeline.OnnxGraphs;

/// <summary>A language decoder with a cache of keys and values, as Optimum exports it (decoder_model_merged without its switch).</summary>
public sealed record DecoderGraph
{
    /// <summary>Width.</summary>
    public long Hidden { get; init; } = 64;

    /// <summary>Layers.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>Attention heads of a layer.</summary>
    public long HeadCount { get; init; } = 4;

    /// <summary>Tokens that there are.</summary>
    public long Vocabulary { get; init; } = 128;

    /// <summary>Tokens of a text, at most.</summary>
    public long Length { get; init; } = 64;

    /// <summary>
    /// <c>input_ids [batch_size, sequence_length]</c> and <c>past_key_values.N.key</c> and <c>.value [batch_size, heads, past_length, size]</c> to
    /// <c>logits [batch_size, sequence_length, vocabulary]</c> and <c>present.N.key</c> and <c>.value</c>, past and new ones.
    /// </summary>
    public OnnxGraph Model(WeightOf weights)
    {
        var graph = new OnnxGraph("decoder");
        var layers = new Layers(graph, weights, "decoder.");
        var tokens = graph.Input("input_ids", OnnxType.Int64, "batch_size", "sequence_length");
        var past = Enumerable
            .Range(0, Depth)
            .Select(index => (Key: Past(graph, index, "key"), Value: Past(graph, index, "value")))
            .ToList();

        var before = Size(graph, past[0].Key, 2);
        var total = graph.Node("Add", [before, Size(graph, tokens, 1)]);
        var places = graph.Node("Range", [before, total, graph.Scalar(1L)]);
        var embedded = graph.Node("Gather", [layers.Weight("token_embedding.weight", Vocabulary, Hidden), tokens]);
        var state = graph.Node(
            "Add",
            [embedded, graph.Node("Gather", [layers.Weight("position_embedding.weight", Length, Hidden), places])]
        );
        var mask = Mask(graph, places, total);
        for (var index = 0; index < Depth; index++)
        {
            state = Layer(layers, state, index, past[index], mask);
        }

        var logits = layers.Linear(layers.LayerNorm(state, "norm", Hidden), "head", Hidden, Vocabulary, bias: false);
        graph.Output("logits", logits, OnnxType.Float, "batch_size", "sequence_length", Vocabulary);
        return graph;
    }

    private string Layer(Layers layers, string state, int index, (string Key, string Value) past, string mask)
    {
        var graph = layers.Graph;
        var normal = layers.LayerNorm(state, $"layers.{index}.norm1", Hidden);
        string Part(string name) => layers.Heads(layers.Linear(normal, $"layers.{index}.{name}", Hidden, Hidden), Hidden, HeadCount);
        var key = graph.Node("Concat", [past.Key, Part("k")], OnnxMessages.Attribute("axis", 2L));
        var value = graph.Node("Concat", [past.Value, Part("v")], OnnxMessages.Attribute("axis", 2L));
        var mixed = layers.Attention(Part("q"), key, value, Hidden, HeadCount, mask);
        var after = graph.Node("Add", [state, layers.Linear(mixed, $"layers.{index}.out", Hidden, Hidden)]);
        var second = layers.LayerNorm(after, $"layers.{index}.norm2", Hidden);
        var inner = layers.Gelu(layers.Linear(second, $"layers.{index}.fc1", Hidden, 4 * Hidden));
        graph.Output($"present.{index}.key", key, OnnxType.Float, "batch_size", HeadCount, "total_length", Hidden / HeadCount);
        graph.Output($"present.{index}.value", value, OnnxType.Float, "batch_size", HeadCount, "total_length", Hidden / HeadCount);
        return graph.Node("Add", [after, layers.Linear(inner, $"layers.{index}.fc2", 4 * Hidden, Hidden)]);
    }

    private string Past(OnnxGraph graph, int index, string what) =>
        graph.Input($"past_key_values.{index}.{what}", OnnxType.Float, "batch_size", HeadCount, "past_length", Hidden / HeadCount);

    /// <summary>-1e9 where a column lies after the row's place, <c>[rows, columns]</c>.</summary>
    private static string Mask(OnnxGraph graph, string places, string total)
    {
        var columns = graph.Node("Range", [graph.Scalar(0L), total, graph.Scalar(1L)]);
        var rows = graph.Node("Unsqueeze", [places, graph.Numbers(1)]);
        return graph.Node("Where", [graph.Node("Greater", [columns, rows]), graph.Scalar(-1e9f), graph.Scalar(0f)]);
    }

    private static string Size(OnnxGraph graph, string x, long axis) =>
        graph.Node("Gather", [graph.Node("Shape", [x]), graph.Scalar(axis)], OnnxMessages.Attribute("axis", 0L));
}
