namespace Pipeline.Stages.Isolation.Serving;

/// <summary>The stage that a child serves: the first line that it is sent.</summary>
public sealed record ServedSite
{
    /// <summary>What determines what the stage writes.</summary>
    public required IsolatedSite Site { get; init; }

    /// <summary>Whether a failed batch stays failed unless it was claimed by a replay.</summary>
    public bool KeepsFailed { get; init; }

    /// <summary>In which each call of the stage must come back; null for as long as it takes.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>For disposing the stage; null for as long as it takes.</summary>
    public TimeSpan? DisposeLimit { get; init; }

    /// <summary>How long a delivery may stay unsettled; null for ever.</summary>
    public TimeSpan? AcknowledgementTimeout { get; init; }

    /// <summary>That of a stage that is served.</summary>
    public static ServedSite Of(Runs.StageSite site) =>
        new()
        {
            Site = IsolatedSite.Of(site),
            KeepsFailed = site.Run.KeepsFailed,
            TimeLimit = site.Precautions.TimeLimit,
            DisposeLimit = site.Precautions.DisposeLimit,
            AcknowledgementTimeout = site.Run.Transport.AcknowledgementTimeout,
        };
}
