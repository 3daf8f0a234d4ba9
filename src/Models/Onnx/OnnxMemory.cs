namespace Pipeline.Models.Onnx;

/// <summary>Tells ONNX Runtime's errors for a lack of memory from its others: there is no code for it, so the messages are known here.</summary>
internal static class OnnxMemory
{
    private static readonly string[] Messages =
    [
        "Failed to allocate memory for requested buffer", // onnxruntime/core/framework/bfc_arena.cc
        "is smaller than requested bytes", // the same: the arena's limit
        "CUDA failure 2: out of memory", // onnxruntime/core/providers/cuda/cuda_call.cc; 2 is cudaErrorMemoryAllocation
        "CUBLAS_STATUS_ALLOC_FAILED", // cuBLAS, cublasStatus_t
        "CUDNN_STATUS_ALLOC_FAILED", // cuDNN, cudnnStatus_t
        "std::bad_alloc", // what() of the C++ standard library's exception
    ];

    public static bool Lacks(Exception error) => Array.Exists(Messages, error.Message.Contains);
}
