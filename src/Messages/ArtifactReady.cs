namespace Pipeline.Messages;

/// <summary>An artifact that a gate may wait for lies in the store.</summary>
public sealed record ArtifactReady
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The artifact's name, for example <c>domains</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The stage that made it.</summary>
    public required string Stage { get; init; }

    /// <summary>Where it lies, relative to the store's root.</summary>
    public required string Uri { get; init; }

    /// <summary>Hash of its content, 32 hexadecimal digits; part of the fingerprint of the stages that use it.</summary>
    public required string Content { get; init; }
}
