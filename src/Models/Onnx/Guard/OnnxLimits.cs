namespace Pipeline.Models.Onnx.Guard;

/// <summary>How much of everything a model file may have. Real exports stay far below: a Stable Diffusion UNet has 5,000 nodes and 700 tensors.</summary>
internal static class OnnxLimits
{
    /// <summary>Bytes of a model with all that lies in other files: what an array holds, and what protobuf's reader in ONNX Runtime takes.</summary>
    public const long ModelBytes = int.MaxValue - (1 << 20);

    /// <summary>Nodes at all depths, and nodes after every call of a function was replaced by its body.</summary>
    public const int Nodes = 100_000;

    /// <summary>Tensors at all depths.</summary>
    public const int Tensors = 200_000;

    /// <summary>Graphs in graphs. ONNX Runtime's own reader ends at about 33.</summary>
    public const int GraphDepth = 16;

    /// <summary>Functions that a model brings.</summary>
    public const int Functions = 10_000;

    /// <summary>Axes of a tensor.</summary>
    public const int Axes = 16;

    /// <summary>Bytes of all descriptions and metadata together, 16 MiB.</summary>
    public const long MetadataBytes = 16 << 20;

    /// <summary>Bytes of one name.</summary>
    public const int NameBytes = 4096;

    /// <summary>Bytes of a sparse tensor after it was made dense, which ONNX Runtime does when it loads it, 256 MiB.</summary>
    public const long DenseBytes = 256 << 20;

    /// <summary>Other files that tensors of one model may lie in.</summary>
    public const int Files = 1000;
}
