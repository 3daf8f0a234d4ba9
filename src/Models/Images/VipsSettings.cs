using System.Runtime.CompilerServices;
using NetVips;

namespace Pipeline.Models.Images;

/// <summary>How libvips is used in this process.</summary>
public static class VipsSettings
{
    static VipsSettings()
    {
        NetVips.NetVips.Concurrency = 1;
        NetVips.NetVips.BlockUntrusted = true;
        NetVips.Cache.Max = 0;
        // Warnings about damaged files would go to standard error; the rejection says what is wrong.
        _ = Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
    }

    /// <summary>
    /// One thread a call (parallelism is the pipeline's), no operation cache (memory stays flat, and no result is shared between
    /// samples), loaders marked untrusted blocked, no warnings on standard error. Holds for the whole process; a second call changes nothing.
    /// </summary>
    public static void Apply() => RuntimeHelpers.RunClassConstructor(typeof(VipsSettings).TypeHandle);
}
