namespace Pipeline.Stages.Flow;

/// <summary>How a stage's graph is cut and bounded; none of it changes what is written, but the call size of models that pad to it.</summary>
/// <param name="MicroBatch">Items in one model call, at the most; 1 or more.</param>
/// <param name="Workers">Rows prepared, and results finished, at one time; 1 or more.</param>
/// <param name="Lanes">Model calls at one time; one a device, for code on the processor one a core.</param>
/// <param name="Prefetch">Batches that the stage holds at one time; 1 or more. <see cref="Of"/> gives the right number.</param>
public sealed record FlowOptions(int MicroBatch, int Workers, int Lanes, int Prefetch)
{
    /// <summary>Failed batches in a row that open the stage's circuit when nothing else is said: past what a few bad batches do, and soon enough that a
    /// stage that is broken does not fail the whole run.</summary>
    public const int DefaultFailuresInRow = 5;

    private const int MostPrefetch = ushort.MaxValue; // AMQP 0-9-1, basic.qos: prefetch-count is 16 bits

    /// <summary>Batches that fail in a row before the stage stops taking them; 1 or more.</summary>
    public int FailuresInRow { get; init; } = DefaultFailuresInRow;

    /// <summary>Holds as many batches as fill a call in every lane and one more, which is made ready meanwhile.</summary>
    /// <param name="microBatch">See <see cref="MicroBatch"/>.</param>
    /// <param name="workers">See <see cref="Workers"/>.</param>
    /// <param name="lanes">See <see cref="Lanes"/>.</param>
    /// <param name="batchRows">Rows of a batch; 1 or more.</param>
    /// <param name="takesWhenFree">True for a stage whose calls are long, as on a device: it holds no batch that it cannot start, so that
    /// none waits behind a call here while another host is idle. The cost is a pause between two batches, for reading, preparing and writing.</param>
    public static FlowOptions Of(int microBatch, int workers, int lanes, int batchRows, bool takesWhenFree = false)
    {
        var filling = ((long)microBatch * lanes + batchRows - 1) / batchRows;
        return new FlowOptions(microBatch, workers, lanes, (int)Math.Min(takesWhenFree ? filling : filling + 1, MostPrefetch));
    }
}
