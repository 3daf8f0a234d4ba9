using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Models.Weights.Mapping;

/// <summary>Holds back whoever wants to write to a file or to cut it, until this process has let go of it.</summary>
/// <remarks>
/// A read lease of Linux, fcntl(2): opening for writing, or truncate, waits (45 seconds at the most, /proc/sys/fs/lease-break-time) while the holder is
/// told by SIGIO. It is given only to the file's owner or root, on a file that nobody has open for writing, by file systems that know of it.
/// </remarks>
internal sealed class FileLease
{
    private static readonly Lock Gate = new();
    private static readonly List<FileLease> Held = [];
    private static PosixSignalRegistration? signal;
    private readonly SafeFileHandle file;
    private readonly Action letGo;

    private FileLease(SafeFileHandle file, Action letGo)
    {
        this.file = file;
        this.letGo = letGo;
    }

    /// <summary>Takes a lease; false if there is none to be had.</summary>
    /// <param name="file">Open for reading; stays open as long as the lease.</param>
    /// <param name="letGo">Runs once, on another thread, before the writer goes on: the file may be another afterwards.</param>
    public static bool TryTake(SafeFileHandle file, Action letGo)
    {
        lock (Gate)
        {
            signal ??= PosixSignalRegistration.Create((PosixSignal)LibC.Input, Asked);
            if (LibC.Control(file, LibC.SetLease, LibC.ReadLease) == -1)
            {
                return false;
            }

            Held.Add(new FileLease(file, letGo));
            return true;
        }
    }

    private static void Asked(PosixSignalContext context)
    {
        context.Cancel = true; // the default of SIGIO is to end the process
        lock (Gate)
        {
            foreach (var lease in Held.Where(lease => LibC.Control(lease.file, LibC.GetLease, 0) != LibC.ReadLease).ToArray())
            {
                Held.Remove(lease);
                lease.letGo();
                _ = LibC.Control(lease.file, LibC.SetLease, LibC.NoLease); // refused if the kernel has taken it already
            }
        }
    }
}
