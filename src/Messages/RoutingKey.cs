using System.Globalization;

namespace Pipeline.Messages;

/// <summary>The routing keys of a run's topic exchange.</summary>
public static class RoutingKey
{
    /// <summary>Key of <see cref="BatchReady"/>: <c>{version}.{stage}</c>.</summary>
    public static string Batch(int version, string stage) => string.Create(CultureInfo.InvariantCulture, $"{version}.{stage}");

    /// <summary>Key of a run-scoped event: <c>event.{message}.{subject}</c>, for example <c>event.ArtifactReady.domains</c>.</summary>
    public static string Event(string message, string subject) => $"event.{message}.{subject}";

    /// <summary>Key under which a batch goes to one stage again: <c>replay.to.{stage}</c>. Three words, so that no stage takes it for a batch of that stage.</summary>
    public static string Replay(string stage) => $"replay.to.{stage}";

    /// <summary>The exchange of a run.</summary>
    public static string Exchange(string run) => $"run.{run}";

    /// <summary>The queue of a stage in a run.</summary>
    public static string Queue(string run, string stage) => $"run.{run}.{stage}";
}
