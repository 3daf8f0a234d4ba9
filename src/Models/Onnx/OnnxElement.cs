using Microsoft.ML.OnnxRuntime.Tensors;

namespace Pipeline.Models.Onnx;

/// <summary>The element type that a graph declares for an input or an output; names and order are of no meaning outside this program.</summary>
public enum OnnxElement
{
    /// <summary>A type that is neither fed nor read here.</summary>
    Other,

    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>IEEE half precision.</summary>
    Float16,

    /// <summary>The upper half of a single.</summary>
    BFloat16,

    /// <summary>64 bits, signed.</summary>
    Int64,

    /// <summary>32 bits, signed.</summary>
    Int32,
}

/// <summary>What is needed of each <see cref="OnnxElement"/>.</summary>
internal static class OnnxElements
{
    public static OnnxElement Of(TensorElementType type) =>
        type switch
        {
            TensorElementType.Float => OnnxElement.Float32,
            TensorElementType.Float16 => OnnxElement.Float16,
            TensorElementType.BFloat16 => OnnxElement.BFloat16,
            TensorElementType.Int64 => OnnxElement.Int64,
            TensorElementType.Int32 => OnnxElement.Int32,
            _ => OnnxElement.Other,
        };

    public static TensorElementType Native(OnnxElement element) =>
        element switch
        {
            OnnxElement.Float32 => TensorElementType.Float,
            OnnxElement.Float16 => TensorElementType.Float16,
            OnnxElement.BFloat16 => TensorElementType.BFloat16,
            OnnxElement.Int64 => TensorElementType.Int64,
            OnnxElement.Int32 => TensorElementType.Int32,
            _ => TensorElementType.DataTypeMax,
        };

    public static bool IsFloat(OnnxElement element) => element is OnnxElement.Float32 or OnnxElement.Float16 or OnnxElement.BFloat16;

    public static bool IsInteger(OnnxElement element) => element is OnnxElement.Int64 or OnnxElement.Int32;

    public static int Bytes(OnnxElement element) =>
        element switch
        {
            OnnxElement.Int64 => 8,
            OnnxElement.Float32 or OnnxElement.Int32 => 4,
            _ => 2,
        };
}
