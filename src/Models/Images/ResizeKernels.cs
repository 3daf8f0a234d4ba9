using System.Runtime.Intrinsics.X86;

namespace Pipeline.Models.Images;

/// <summary>Which code resizes and converts; both give equal bytes.</summary>
internal enum ResizeKernels
{
    /// <summary>Plain loops.</summary>
    Scalar,

    /// <summary>AVX2.</summary>
    Avx2,
}

/// <summary>The choice for this machine.</summary>
internal static class ResizeKernelChoice
{
    /// <summary>The fastest code that the processor runs.</summary>
    public static ResizeKernels Best => Avx2.IsSupported ? ResizeKernels.Avx2 : ResizeKernels.Scalar;
}
