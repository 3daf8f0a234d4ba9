namespace Pipeline.Messages;

/// <summary>Train one epoch: checkpoint in, checkpoint out. Each epoch's end sends the next one's message.</summary>
public sealed record TrainEpoch
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The stage that trains.</summary>
    public required string Stage { get; init; }

    /// <summary>The training: which images and which augmentation, for example <c>original+kept</c>.</summary>
    public required string Training { get; init; }

    /// <summary>Index of the repetition, from 0.</summary>
    public required int Seed { get; init; }

    /// <summary>The epoch to train, from 1.</summary>
    public required int Epoch { get; init; }
}
