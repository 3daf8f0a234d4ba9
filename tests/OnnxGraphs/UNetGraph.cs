namespace Pipeline.OnnxGraphs;

/// <summary>A denoiser of Stable Diffusion's form: one level down and up, residual blocks, self- and cross-attention, a time step.</summary>
public sealed record UNetGraph
{
    /// <summary>Channels of the latent image.</summary>
    public long Latent { get; init; } = 4;

    /// <summary>Channels inside; twice as many on the lower level. A multiple of <see cref="Groups"/>.</summary>
    public long Channels { get; init; } = 32;

    /// <summary>Groups of a normalisation.</summary>
    public long Groups { get; init; } = 8;

    /// <summary>Attention heads.</summary>
    public long HeadCount { get; init; } = 4;

    /// <summary>Width of the text's states.</summary>
    public long Context { get; init; } = 32;

    /// <summary>
    /// <c>sample [batch, latent, height, width]</c> with even sides, <c>timestep [1] int64</c> and <c>encoder_hidden_states [batch, sequence, context]</c> to
    /// <c>out_sample</c>, of the sample's shape.
    /// </summary>
    public OnnxGraph Model(WeightOf weights)
    {
        var graph = new OnnxGraph("unet");
        var layers = new Layers(graph, weights, "unet.");
        var sample = graph.Input("sample", OnnxType.Float, "batch", Latent, "height", "width");
        var step = graph.Input("timestep", OnnxType.Int64, 1);
        var text = graph.Input("encoder_hidden_states", OnnxType.Float, "batch", "sequence", Context);
        var (high, low) = (Channels, 2 * Channels);

        var time = Time(layers, step);
        var first = layers.Convolution(sample, "conv_in", Latent, high, 3, padding: 1);
        var down = Attend(layers, Residual(layers, first, "down.resnet", high, high, time), text, "down.attention", high);
        var lower = layers.Convolution(down, "down.conv", high, low, 3, stride: 2, padding: 1);
        var middle = Residual(layers, lower, "mid.resnet", low, low, time);
        middle = Attend(layers, middle, text, "mid.attention", low);
        var up = layers.Convolution(Twice(graph, middle), "up.conv", low, high, 3, padding: 1);
        var both = graph.Node("Concat", [up, down], OnnxMessages.Attribute("axis", 1L));
        var last = Residual(layers, both, "up.resnet", low, high, time);
        var normal = layers.Silu(layers.GroupNorm(last, "conv_norm_out", high, Groups));
        var noise = layers.Convolution(normal, "conv_out", high, Latent, 3, padding: 1);
        graph.Output("out_sample", noise, OnnxType.Float, "batch", Latent, "height", "width");
        return graph;
    }

    /// <summary>Cosines and sines of the step at falling frequencies, and two layers.</summary>
    private string Time(Layers layers, string step)
    {
        var graph = layers.Graph;
        var half = Channels / 2;
        var frequencies = Enumerable.Range(0, (int)half).Select(index => (float)Math.Exp(-Math.Log(10000) * index / half)).ToArray();
        var single = graph.Node("Cast", [step], OnnxMessages.Attribute("to", 1L));
        var angles = graph.Node(
            "Mul",
            [graph.Node("Unsqueeze", [single, graph.Numbers(1)]), graph.Tensor("frequencies", frequencies, 1, half)]
        );
        var waves = graph.Node("Concat", [graph.Node("Cos", [angles]), graph.Node("Sin", [angles])], OnnxMessages.Attribute("axis", -1L));
        var inner = layers.Silu(layers.Linear(waves, "time.linear_1", Channels, 4 * Channels));
        return layers.Silu(layers.Linear(inner, "time.linear_2", 4 * Channels, 4 * Channels));
    }

    private string Residual(Layers layers, string x, string name, long inputs, long outputs, string time)
    {
        var graph = layers.Graph;
        var first = layers.Silu(layers.GroupNorm(x, $"{name}.norm1", inputs, Groups));
        first = layers.Convolution(first, $"{name}.conv1", inputs, outputs, 3, padding: 1);
        var shift = layers.Linear(time, $"{name}.time_emb_proj", 4 * Channels, outputs);
        first = graph.Node("Add", [first, graph.Node("Unsqueeze", [shift, graph.Numbers(2, 3)])]);
        var second = layers.Silu(layers.GroupNorm(first, $"{name}.norm2", outputs, Groups));
        second = layers.Convolution(second, $"{name}.conv2", outputs, outputs, 3, padding: 1);
        var way = inputs == outputs ? x : layers.Convolution(x, $"{name}.conv_shortcut", inputs, outputs, 1);
        return graph.Node("Add", [way, second]);
    }

    private string Attend(Layers layers, string x, string text, string name, long width)
    {
        var graph = layers.Graph;
        var flat = graph.Node("Reshape", [layers.GroupNorm(x, $"{name}.norm", width, Groups), graph.Numbers(0, width, -1)]);
        var state = layers.Turn(flat, 0, 2, 1);
        state = graph.Node("Add", [state, Mix(layers, layers.LayerNorm(state, $"{name}.norm1", width), null, $"{name}.attn1", width)]);
        state = graph.Node("Add", [state, Mix(layers, layers.LayerNorm(state, $"{name}.norm2", width), text, $"{name}.attn2", width)]);

        var gated = layers.Linear(layers.LayerNorm(state, $"{name}.norm3", width), $"{name}.ff.proj", width, 8 * width);
        var value = graph.Node("Slice", [gated, graph.Numbers(0), graph.Numbers(4 * width), graph.Numbers(2)]);
        var gate = graph.Node("Slice", [gated, graph.Numbers(4 * width), graph.Numbers(8 * width), graph.Numbers(2)]);
        var inner = graph.Node("Mul", [value, layers.Gelu(gate)]);
        state = graph.Node("Add", [state, layers.Linear(inner, $"{name}.ff.out", 4 * width, width)]);
        var back = graph.Node("Reshape", [layers.Turn(state, 0, 2, 1), graph.Node("Shape", [x])]);
        return graph.Node("Add", [back, x]);
    }

    private string Mix(Layers layers, string state, string? text, string name, long width)
    {
        var (source, inputs) = text is null ? (state, width) : (text, Context);
        string Part(string part, string of, long size) =>
            layers.Heads(layers.Linear(of, $"{name}.to_{part}", size, width, bias: false), width, HeadCount);
        var mixed = layers.Attention(Part("q", state, width), Part("k", source, inputs), Part("v", source, inputs), width, HeadCount);
        return layers.Linear(mixed, $"{name}.to_out", width, width);
    }

    private static string Twice(OnnxGraph graph, string x) =>
        graph.Node(
            "Resize",
            [x, "", graph.Tensor("twice", [1f, 1f, 2f, 2f], 4)],
            OnnxMessages.Attribute("mode", "nearest"),
            OnnxMessages.Attribute("coordinate_transformation_mode", "asymmetric"),
            OnnxMessages.Attribute("nearest_mode", "floor")
        );
}
