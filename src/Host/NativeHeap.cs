using System.Runtime.InteropServices;

namespace Pipeline.Host;

/// <summary>The C library's heap, from which image decoders and libtorch take their buffers.</summary>
internal static partial class NativeHeap
{
    private const int ArenaMax = -8; // M_ARENA_MAX, malloc.h of glibc

    /// <summary>
    /// One arena a core at the most, where glibc makes up to eight: the pool's threads come and go, and what one has freed in its own arena
    /// no other can use, so that memory grows with the length of a run. False when the library refuses.
    /// </summary>
    public static bool OneArenaEachCore() => SetOption(ArenaMax, Environment.ProcessorCount) == 1;

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);
}
