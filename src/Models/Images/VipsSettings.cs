namespace Pipeline.Models.Images;

/// <summary>How libvips is used in this process.</summary>
public static class VipsSettings
{
    /// <summary>
    /// One thread a call (parallelism is the pipeline's), no operation cache (memory stays flat, and no result is shared between
    /// samples), loaders marked untrusted blocked. Holds for the whole process; calling it again changes nothing.
    /// </summary>
    public static void Apply()
    {
        NetVips.NetVips.Concurrency = 1;
        NetVips.NetVips.BlockUntrusted = true;
        NetVips.Cache.Max = 0;
    }
}
