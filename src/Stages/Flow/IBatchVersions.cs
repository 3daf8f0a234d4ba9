using Pipeline.Messages;

namespace Pipeline.Stages.Flow;

/// <summary>How a stage's batches are stamped with versions of the run's topology.</summary>
public interface IBatchVersions
{
    /// <summary>Whether the run has one version only, so that no log is to be read.</summary>
    bool IsPlain { get; }

    /// <summary>The newest version that is known here; 0 where it does not matter.</summary>
    int Newest { get; }

    /// <summary>The version with which a batch leaves the stage that came with <paramref name="version"/>.</summary>
    int Stamp(int version);

    /// <summary>The version with which a batch is told of again that came with <paramref name="version"/>, and whose shard was made under <paramref name="made"/>.</summary>
    int Stands(int version, int made);

    /// <summary>Whether a batch no longer comes to the stage on the way on which it came: it comes on another one, or not at all.</summary>
    bool IsSuperseded(BatchReady message);
}

/// <summary>Of a run whose topology never changes.</summary>
internal sealed class OneVersion : IBatchVersions
{
    /// <inheritdoc/>
    public bool IsPlain => true;

    /// <inheritdoc/>
    public int Newest => 0;

    /// <inheritdoc/>
    public int Stamp(int version) => version;

    /// <inheritdoc/>
    public int Stands(int version, int made) => version;

    /// <inheritdoc/>
    public bool IsSuperseded(BatchReady message) => false;
}
