namespace Pipeline.OnnxGraphs;

/// <summary>The layers of which transformers and UNets are made, as torch exports them.</summary>
/// <param name="graph">Is added to.</param>
/// <param name="weights">Gives the values of each weight.</param>
/// <param name="prefix">Stands before the weights' names here and in the graph.</param>
public sealed class Layers(OnnxGraph graph, WeightOf weights, string prefix = "")
{
    private const float Epsilon = 1e-5f;

    /// <summary>The graph that is added to.</summary>
    public OnnxGraph Graph => graph;

    /// <summary>Stores a weight as it is.</summary>
    public string Weight(string name, params long[] shape) => graph.Tensor(prefix + name, weights(prefix + name, shape), shape);

    /// <summary><c>x · Wᵀ + b</c> over the last axis; the weight is stored turned, as torch does.</summary>
    public string Linear(string x, string name, long inputs, long outputs, bool bias = true)
    {
        var weight = weights($"{prefix}{name}.weight", [outputs, inputs]);
        var turned = new float[weight.Length];
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < inputs; input++)
            {
                turned[input * outputs + output] = weight[output * inputs + input];
            }
        }

        var product = graph.Node("MatMul", [x, graph.Tensor($"{prefix}{name}.weight.turned", turned, inputs, outputs)]);
        return bias ? graph.Node("Add", [Weight($"{name}.bias", outputs), product]) : product;
    }

    /// <summary>Layer normalisation over the last axis: one node from operators 17 on, its parts before.</summary>
    public string LayerNorm(string x, string name, long size)
    {
        var (weight, bias) = (Weight($"{name}.weight", size), Weight($"{name}.bias", size));
        if (graph.Operators >= 17)
        {
            return graph.Node(
                "LayerNormalization",
                [x, weight, bias],
                OnnxMessages.Attribute("epsilon", Epsilon),
                OnnxMessages.Attribute("axis", -1L)
            );
        }

        var centred = graph.Node("Sub", [x, Mean(x)]);
        var variance = Mean(graph.Node("Pow", [centred, graph.Scalar(2f)]));
        var deviation = graph.Node("Sqrt", [graph.Node("Add", [variance, graph.Scalar(Epsilon)])]);
        return graph.Node("Add", [graph.Node("Mul", [graph.Node("Div", [centred, deviation]), weight]), bias]);
    }

    /// <summary>Group normalisation of <c>[batch, channels, height, width]</c>, as torch exports it: by instances of reshaped groups.</summary>
    public string GroupNorm(string x, string name, long channels, long groups)
    {
        var grouped = graph.Node("Reshape", [x, graph.Numbers(0, groups, -1)]);
        var ones = graph.Tensor($"{prefix}{name}.ones", [.. Enumerable.Repeat(1f, (int)groups)], groups);
        var zeros = graph.Tensor($"{prefix}{name}.zeros", new float[groups], groups);
        var normal = graph.Node("InstanceNormalization", [grouped, ones, zeros], OnnxMessages.Attribute("epsilon", Epsilon));
        var back = graph.Node("Reshape", [normal, graph.Node("Shape", [x])]);
        var weight = graph.Tensor($"{prefix}{name}.weight", weights($"{prefix}{name}.weight", [channels]), channels, 1, 1);
        var bias = graph.Tensor($"{prefix}{name}.bias", weights($"{prefix}{name}.bias", [channels]), channels, 1, 1);
        return graph.Node("Add", [graph.Node("Mul", [back, weight]), bias]);
    }

    /// <summary>A convolution over <c>[batch, inputs, height, width]</c>.</summary>
    public string Convolution(
        string x,
        string name,
        long inputs,
        long outputs,
        long edge,
        long stride = 1,
        long padding = 0,
        bool bias = true
    )
    {
        string[] from = bias
            ? [x, Weight($"{name}.weight", outputs, inputs, edge, edge), Weight($"{name}.bias", outputs)]
            : [x, Weight($"{name}.weight", outputs, inputs, edge, edge)];
        return graph.Node(
            "Conv",
            from,
            OnnxMessages.Attribute("kernel_shape", edge, edge),
            OnnxMessages.Attribute("strides", stride, stride),
            OnnxMessages.Attribute("pads", padding, padding, padding, padding)
        );
    }

    /// <summary><c>softmax(q · kᵀ / sqrt(size of a head) + mask) · v</c>.</summary>
    /// <param name="query"><c>[batch, heads, rows, size]</c>.</param>
    /// <param name="key"><c>[batch, heads, columns, size]</c>.</param>
    /// <param name="value"><c>[batch, heads, columns, size]</c>.</param>
    /// <param name="width">Of all heads together.</param>
    /// <param name="heads">How many.</param>
    /// <param name="mask">Added to the scores; null for none.</param>
    /// <returns><c>[batch, rows, width]</c>.</returns>
    public string Attention(string query, string key, string value, long width, long heads, string? mask = null)
    {
        var scaled = graph.Node("Mul", [query, graph.Scalar((float)(1 / Math.Sqrt((double)width / heads)))]);
        var scores = graph.Node("MatMul", [scaled, Turn(key, 0, 1, 3, 2)]);
        var masked = mask is null ? scores : graph.Node("Add", [scores, mask]);
        var shares = graph.Node("Softmax", [masked], OnnxMessages.Attribute("axis", -1L));
        var mixed = Turn(graph.Node("MatMul", [shares, value]), 0, 2, 1, 3);
        return graph.Node("Reshape", [mixed, graph.Numbers(0, -1, width)]);
    }

    /// <summary><c>[batch, rows, width]</c> as <c>[batch, heads, rows, width / heads]</c>.</summary>
    public string Heads(string x, long width, long heads) =>
        Turn(graph.Node("Reshape", [x, graph.Numbers(0, -1, heads, width / heads)]), 0, 2, 1, 3);

    /// <summary>The axes in another order.</summary>
    public string Turn(string x, params long[] order) => graph.Node("Transpose", [x], OnnxMessages.Attribute("perm", order));

    /// <summary><c>x · sigmoid(1.702 x)</c>, OpenAI's CLIP.</summary>
    public string QuickGelu(string x) => graph.Node("Mul", [x, graph.Node("Sigmoid", [graph.Node("Mul", [x, graph.Scalar(1.702f)])])]);

    /// <summary><c>x · sigmoid(x)</c>.</summary>
    public string Silu(string x) => graph.Node("Mul", [x, graph.Node("Sigmoid", [x])]);

    /// <summary><c>x/2 · (1 + erf(x / √2))</c>.</summary>
    public string Gelu(string x)
    {
        var erf = graph.Node("Erf", [graph.Node("Div", [x, graph.Scalar(1.4142135f)])]);
        return graph.Node("Mul", [graph.Node("Mul", [x, graph.Node("Add", [erf, graph.Scalar(1f)])]), graph.Scalar(0.5f)]);
    }

    private string Mean(string x) =>
        graph.Node("ReduceMean", [x], OnnxMessages.Attribute("axes", [-1]), OnnxMessages.Attribute("keepdims", 1L));
}
