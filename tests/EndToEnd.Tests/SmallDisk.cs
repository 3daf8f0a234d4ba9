using System.Diagnostics;
using System.Globalization;

namespace Pipeline.EndToEnd.Tests;

/// <summary>A folder with a size of its own, in memory; only root may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string folder;

    private SmallDisk(string folder) => this.folder = folder;

    /// <summary>Mounts one; null where that is not allowed.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="size">As mount takes it: <c>200k</c>, <c>2g</c>.</param>
    public static SmallDisk? Mount(string folder, string size) =>
        Command("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder) ? new SmallDisk(folder) : null;

    /// <summary>Gives it another size.</summary>
    public void Resize(string size) => Command("mount", "-o", $"remount,size={size}", folder).Should().BeTrue();

    /// <summary>Makes it as large as what it holds.</summary>
    public void Fill()
    {
        var drive = new DriveInfo(folder);
        var used = drive.TotalSize - drive.TotalFreeSpace;
        // What is written in between would make the size too small, which is refused.
        for (var spare = 0; !Command("mount", "-o", $"remount,size={Kilobytes(used, spare)}k", folder); spare += 64)
        {
            spare.Should().BeLessThan(10_000);
        }
    }

    public void Dispose() => Command("umount", "-l", folder);

    private static string Kilobytes(long used, int spare) => ((used / 1024) + spare).ToString(CultureInfo.InvariantCulture);

    private static bool Command(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start.");
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
