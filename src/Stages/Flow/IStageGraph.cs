using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Flow;

/// <summary>A stage's graph as its consumer sees it, whatever its rows are.</summary>
internal interface IStageGraph
{
    /// <summary>Counts the batches that fail in a row.</summary>
    Circuit Circuit { get; }

    /// <summary>Takes a delivery in; waits while the graph is full.</summary>
    Task AcceptAsync(IDelivery delivery);

    /// <summary>Completes when every batch that was accepted is settled, or left to the consumer.</summary>
    Task WhenEmptyAsync();
}
