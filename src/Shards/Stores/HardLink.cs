using System.Runtime.InteropServices;

namespace Pipeline.Shards.Stores;

/// <summary>A second name for a file, in one step also for other machines that share the folder. The runtime's own move looks first and renames then.</summary>
internal static partial class HardLink
{
    private const int Exists = 17; // EEXIST

    /// <summary>Makes it; false when the name is taken.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static bool TryMake(string path, string name)
    {
        if (Link(path, name) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error == Exists)
        {
            return false;
        }

        var io = new IOException(
            $"{path} cannot be named {name} too: {Marshal.GetPInvokeErrorMessage(error)}. The store must be on a file system with hard links. Use another.",
            error
        );
        throw StoreFullException.IsFull(io) ? new StoreFullException(name, io) : io;
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string path, string name);
}
