using System.Runtime.InteropServices;

namespace Pipeline.Models.Training;

/// <summary>How the threads of libgomp, which computes for TorchSharp on the CPU, wait for each other.</summary>
public static partial class OpenMpThreads
{
    /// <summary>
    /// Lets them sleep while they wait, where a person has not set OMP_WAIT_POLICY. To be called before the first tensor: libgomp reads its environment once,
    /// when it is loaded.
    /// </summary>
    /// <remarks>
    /// They spin otherwise, and take the cores from the very threads that they wait for. Measured with ResNet-18 at 64 pixels, batch 32, on two cores with
    /// other work on them: 0.21 to 0.47 s a step asleep, 0.4 to 3 s with libgomp's default of spinning for a while, 5 to 9 s with OMP_WAIT_POLICY=ACTIVE.
    /// </remarks>
    public static void SleepWhileWaiting()
    {
        // Environment.SetEnvironmentVariable changes .NET's copy alone; native code sees only what setenv(3) wrote.
        if (OperatingSystem.IsLinux() && SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0) != 0)
        {
            throw new InvalidOperationException(
                $"setenv(3) failed with errno {Marshal.GetLastPInvokeError()}; it must set OMP_WAIT_POLICY. Set OMP_WAIT_POLICY=PASSIVE before the start."
            );
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
