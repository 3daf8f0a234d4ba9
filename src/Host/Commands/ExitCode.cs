namespace Pipeline.Host.Commands;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Batches failed, or the run stopped unfinished; what is finished was kept.</summary>
    public const int FailedBatches = 1;

    /// <summary>What was checked is not as it must be.</summary>
    public const int NotGood = 1;

    /// <summary>Bad usage, pipeline file or input; nothing was written.</summary>
    public const int Usage = 2;

    /// <summary>A fault of the program (EX_SOFTWARE of sysexits.h).</summary>
    public const int Fault = 70;

    /// <summary>Interrupted; the same command goes on (128 + SIGINT, the shells' rule).</summary>
    public const int Interrupted = 130;
}
