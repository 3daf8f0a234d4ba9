namespace Pipeline.OnnxGraphs;

/// <summary>The sizes of one CLIP tower.</summary>
/// <param name="Hidden">Width.</param>
/// <param name="Depth">Layers.</param>
/// <param name="HeadCount">Attention heads of a layer.</param>
/// <param name="Inner">Width of the feed-forward part.</param>
public sealed record ClipTower(long Hidden, int Depth, long HeadCount, long Inner);

/// <summary>CLIP's two towers as Optimum exports them, with the weights' names of transformers' CLIPModel.</summary>
public sealed record ClipGraphs
{
    /// <summary>ViT-B/32's picture tower.</summary>
    public ClipTower Vision { get; init; } = new(768, 12, 12, 3072);

    /// <summary>ViT-B/32's text tower.</summary>
    public ClipTower Text { get; init; } = new(512, 12, 8, 2048);

    /// <summary>Pixels of a side.</summary>
    public long ImageSize { get; init; } = 224;

    /// <summary>Pixels of a patch's side.</summary>
    public long PatchSize { get; init; } = 32;

    /// <summary>Values of an embedding.</summary>
    public long Projection { get; init; } = 512;

    /// <summary>Tokens that there are.</summary>
    public long Vocabulary { get; init; } = 49408;

    /// <summary>Tokens of a text.</summary>
    public long Length { get; init; } = 77;

    /// <summary>The end token whose first place gives a text's embedding; null where it is the greatest token of the text.</summary>
    public long? EndToken { get; init; }

    /// <summary>False for GELU by erf, as LAION's models have it.</summary>
    public bool IsQuickGelu { get; init; } = true;

    /// <summary>Version of ai.onnx; below 17 layer normalisation is taken apart.</summary>
    public long Operators { get; init; } = 17;

    /// <summary>vision_model.onnx: <c>pixel_values [batch_size, 3, size, size]</c> to <c>image_embeds</c>, not normalised, and <c>last_hidden_state</c>.</summary>
    public OnnxGraph VisionModel(WeightOf weights)
    {
        var graph = new OnnxGraph("clip_vision", Operators);
        var layers = new Layers(graph, weights, "vision_model.");
        var pixels = graph.Input("pixel_values", OnnxType.Float, "batch_size", 3, ImageSize, ImageSize);
        var width = Vision.Hidden;
        var rows = ImageSize / PatchSize * (ImageSize / PatchSize) + 1;

        var patches = layers.Convolution(pixels, "embeddings.patch_embedding", 3, width, PatchSize, PatchSize, bias: false);
        var sequence = layers.Turn(graph.Node("Reshape", [patches, graph.Numbers(0, width, -1)]), 0, 2, 1);
        var head = graph.Tensor(
            "vision_model.embeddings.class_embedding",
            weights("vision_model.embeddings.class_embedding", [width]),
            1,
            1,
            width
        );
        var batch = graph.Node("Slice", [graph.Node("Shape", [pixels]), graph.Numbers(0), graph.Numbers(1)]);
        var size = graph.Node("Concat", [batch, graph.Numbers(1, width)], OnnxMessages.Attribute("axis", 0L));
        var all = graph.Node("Concat", [graph.Node("Expand", [head, size]), sequence], OnnxMessages.Attribute("axis", 1L));
        var placed = graph.Node("Add", [all, layers.Weight("embeddings.position_embedding.weight", rows, width)]);
        var state = layers.LayerNorm(placed, "pre_layrnorm", width);
        state = Tower(layers, state, Vision, mask: null);

        var first = graph.Node("Gather", [state, graph.Scalar(0L)], OnnxMessages.Attribute("axis", 1L));
        var pooled = layers.LayerNorm(first, "post_layernorm", width);
        var embedding = new Layers(graph, weights).Linear(pooled, "visual_projection", width, Projection, bias: false);
        graph.Output("image_embeds", embedding, OnnxType.Float, "batch_size", Projection);
        graph.Output("last_hidden_state", state, OnnxType.Float, "batch_size", rows, width);
        return graph;
    }

    /// <summary>text_model.onnx: <c>input_ids [batch_size, length]</c> to <c>text_embeds</c>, not normalised, and <c>last_hidden_state</c>.</summary>
    public OnnxGraph TextModel(WeightOf weights)
    {
        var graph = new OnnxGraph("clip_text", Operators);
        var layers = new Layers(graph, weights, "text_model.");
        var tokens = graph.Input("input_ids", OnnxType.Int64, "batch_size", Length);
        var width = Text.Hidden;

        var embedded = graph.Node("Gather", [layers.Weight("embeddings.token_embedding.weight", Vocabulary, width), tokens]);
        var state = graph.Node("Add", [embedded, layers.Weight("embeddings.position_embedding.weight", Length, width)]);
        state = Tower(layers, state, Text, graph.Tensor("causal_mask", CausalMask(Length), 1, 1, Length, Length));
        state = layers.LayerNorm(state, "final_layer_norm", width);

        var marks = EndToken is { } end
            ? graph.Node("Cast", [graph.Node("Equal", [tokens, graph.Scalar(end)])], OnnxMessages.Attribute("to", 6L))
            : tokens;
        var place = graph.Node("ArgMax", [marks], OnnxMessages.Attribute("axis", 1L), OnnxMessages.Attribute("keepdims", 1L));
        var pooled = graph.Node("GatherND", [state, place], OnnxMessages.Attribute("batch_dims", 1L));
        var embedding = new Layers(graph, weights).Linear(pooled, "text_projection", width, Projection, bias: false);
        graph.Output("text_embeds", embedding, OnnxType.Float, "batch_size", Projection);
        graph.Output("last_hidden_state", state, OnnxType.Float, "batch_size", Length, width);
        return graph;
    }

    private string Tower(Layers layers, string state, ClipTower tower, string? mask)
    {
        var graph = layers.Graph;
        for (var index = 0; index < tower.Depth; index++)
        {
            var layer = $"encoder.layers.{index}";
            var normal = layers.LayerNorm(state, $"{layer}.layer_norm1", tower.Hidden);
            string Part(string name) =>
                layers.Heads(
                    layers.Linear(normal, $"{layer}.self_attn.{name}_proj", tower.Hidden, tower.Hidden),
                    tower.Hidden,
                    tower.HeadCount
                );
            var mixed = layers.Attention(Part("q"), Part("k"), Part("v"), tower.Hidden, tower.HeadCount, mask);
            state = graph.Node("Add", [state, layers.Linear(mixed, $"{layer}.self_attn.out_proj", tower.Hidden, tower.Hidden)]);

            var second = layers.LayerNorm(state, $"{layer}.layer_norm2", tower.Hidden);
            var inner = layers.Linear(second, $"{layer}.mlp.fc1", tower.Hidden, tower.Inner);
            var active = IsQuickGelu ? layers.QuickGelu(inner) : layers.Gelu(inner);
            state = graph.Node("Add", [state, layers.Linear(active, $"{layer}.mlp.fc2", tower.Inner, tower.Hidden)]);
        }

        return state;
    }

    private static float[] CausalMask(long length)
    {
        var mask = new float[length * length];
        for (var row = 0; row < length; row++)
        {
            mask.AsSpan((int)(row * length) + row + 1, (int)length - row - 1).Fill(float.MinValue);
        }

        return mask;
    }
}
