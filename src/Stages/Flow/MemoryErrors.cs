using Pipeline.Models.Calls;

namespace Pipeline.Stages.Flow;

/// <summary>Tells an error that says that memory was lacking, of the processor or of a device, from all others.</summary>
/// <remarks>The native libraries have no type of their own for it, so their messages are known here.</remarks>
public static class MemoryErrors
{
    private static readonly string[] Messages =
    [
        "CUDA out of memory", // c10/cuda/CUDACachingAllocator.cpp of PyTorch, which TorchSharp throws as ExternalException
        "DefaultCPUAllocator: can't allocate memory", // c10/core/impl/alloc_cpu.cpp
        "DefaultCPUAllocator: not enough memory", // the same, on Windows
        "Failed to allocate memory for requested buffer", // onnxruntime/core/framework/bfc_arena.cc
        "CUDA failure 2: out of memory", // onnxruntime/core/providers/cuda/cuda_call.cc; 2 is cudaErrorMemoryAllocation
        "CUBLAS_STATUS_ALLOC_FAILED", // cuBLAS, cublasStatus_t
        "CUDNN_STATUS_ALLOC_FAILED", // cuDNN, cudnnStatus_t
        "std::bad_alloc", // what() of the C++ standard library's exception, as both pass it on
    ];

    /// <summary>True when the error, or one that it tells of, is a lack of memory.</summary>
    public static bool IsOne(Exception error)
    {
        for (var one = error; one is not null; one = one.InnerException)
        {
            if (one is OutOfMemoryException or ModelMemoryException || Array.Exists(Messages, one.Message.Contains))
            {
                return true;
            }
        }

        return false;
    }
}
