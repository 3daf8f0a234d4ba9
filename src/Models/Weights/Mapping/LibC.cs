using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Models.Weights.Mapping;

/// <summary>The calls of the C library that .NET has no word for; numbers from fcntl.h and mman.h of Linux.</summary>
internal static partial class LibC
{
    public const int SetLease = 1024;
    public const int GetLease = 1025;
    public const int ReadLease = 0; // F_RDLCK
    public const int NoLease = 2; // F_UNLCK
    public const int Input = 29; // SIGIO
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int PrivateMemory = 0x22; // MAP_PRIVATE | MAP_ANONYMOUS
    private const int MoveOver = 3; // MREMAP_MAYMOVE | MREMAP_FIXED
    private const string Library = "libc.so.6";

    /// <summary>fcntl(2): -1 if the file system or the kernel refuses.</summary>
    [LibraryImport(Library, EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Control(SafeFileHandle file, int command, int argument);

    /// <summary>Fresh memory of whole pages; -1 if there is none.</summary>
    public static nint Allocate(nint bytes) => Map(0, bytes, ReadWrite, PrivateMemory, -1, 0);

    /// <summary>Puts fresh memory in the place of other pages in one step: who reads there meets the old ones or the new ones.</summary>
    public static void MoveTo(nint from, nint to, nint bytes) => Remap(from, bytes, bytes, MoveOver, to);

    [LibraryImport(Library, EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint address, nint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport(Library, EntryPoint = "mremap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Remap(nint old, nint oldBytes, nint newBytes, int flags, nint target);
}
