using System.Runtime.InteropServices;

namespace Pipeline.Models.Images;

/// <summary>libjpeg-turbo 2's TurboJPEG interface (turbojpeg.h); constants keep their meaning from there.</summary>
internal static unsafe partial class TurboJpeg
{
    private const string Library = "libturbojpeg.so.0";

    public const int PixelsRgb = 0;
    public const int PixelsCmyk = 11;
    public const int Subsampling444 = 0;
    public const int Subsampling420 = 2;

    /// <summary>The accurate integer DCT for encoding at any quality; decoding uses it unasked.</summary>
    public const int AccurateDct = 4096;

    /// <summary>Stops at 500 scans: a progressive file of a few kilobytes can otherwise take minutes.</summary>
    public const int LimitScans = 32768;

    /// <summary>What <see cref="ErrorCode"/> gives for a fault that did not stop the decoder.</summary>
    public const int Warning = 0;

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    public static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjInitCompress")]
    public static partial nint InitCompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    public static partial int Decompress(
        nint handle,
        byte* jpeg,
        nuint size,
        byte* pixels,
        int width,
        int pitch,
        int height,
        int format,
        int flags
    );

    [LibraryImport(Library, EntryPoint = "tjDecompressToYUVPlanes")]
    public static partial int DecompressToPlanes(
        nint handle,
        byte* jpeg,
        nuint size,
        byte** planes,
        int width,
        int* strides,
        int height,
        int flags
    );

    [LibraryImport(Library, EntryPoint = "tjCompress2")]
    public static partial int Compress(
        nint handle,
        byte* pixels,
        int width,
        int pitch,
        int height,
        int format,
        byte** jpeg,
        nuint* size,
        int subsampling,
        int quality,
        int flags
    );

    [LibraryImport(Library, EntryPoint = "tjFree")]
    public static partial void Free(byte* buffer);

    /// <summary>What went wrong in the last call on this handle.</summary>
    public static string ErrorText(nint handle) => Marshal.PtrToStringUTF8((nint)ErrorString(handle)) ?? "";

    [LibraryImport(Library, EntryPoint = "tjGetErrorCode")]
    public static partial int ErrorCode(nint handle);

    [LibraryImport(Library, EntryPoint = "tjGetErrorStr2")]
    private static partial byte* ErrorString(nint handle);
}
