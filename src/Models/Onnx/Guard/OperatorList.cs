namespace Pipeline.Models.Onnx.Guard;

/// <summary>The operators that a model may use: all of ai.onnx, and those of com.microsoft that exports of the supported families have.</summary>
internal static class OperatorList
{
    public const string Microsoft = "com.microsoft";

    private static readonly HashSet<string> OfMicrosoft = new(StringComparer.Ordinal)
    {
        "Attention",
        "BiasAdd",
        "BiasGelu",
        "BiasSplitGelu",
        "DecoderMaskedMultiHeadAttention",
        "DequantizeLinear",
        "DynamicQuantizeMatMul",
        "EmbedLayerNormalization",
        "FastGelu",
        "FusedConv",
        "FusedGemm",
        "FusedMatMul",
        "GatherBlockQuantized",
        "Gelu",
        "GroupNorm",
        "GroupQueryAttention",
        "MatMulIntegerToFloat",
        "MatMulNBits",
        "MultiHeadAttention",
        "NhwcConv",
        "NhwcFusedConv",
        "QAttention",
        "QEmbedLayerNormalization",
        "QGemm",
        "QLinearAdd",
        "QLinearConcat",
        "QLinearGlobalAveragePool",
        "QLinearLeakyRelu",
        "QLinearMul",
        "QLinearSigmoid",
        "QLinearSoftmax",
        "QuantizeLinear",
        "QuickGelu",
        "RotaryEmbedding",
        "SimplifiedLayerNormalization",
        "SkipGroupNorm",
        "SkipLayerNormalization",
        "SkipSimplifiedLayerNormalization",
    };

    /// <summary>True for ai.onnx under both of its names.</summary>
    public static bool IsStandard(string domain) => domain is "" or "ai.onnx";

    public static bool Allows(string domain, string operation) =>
        IsStandard(domain) || (domain == Microsoft && OfMicrosoft.Contains(operation));

    /// <summary>For error messages.</summary>
    public static string Words =>
        $"an operator of ai.onnx, a function of the model, or of {Microsoft} one of {string.Join(", ", OfMicrosoft.Order(StringComparer.Ordinal))}";
}
