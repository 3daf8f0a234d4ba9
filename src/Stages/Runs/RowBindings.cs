using Pipeline.Messages;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>How the queue of a stage that works through rows is bound, whoever serves it.</summary>
internal static class RowBindings
{
    /// <summary>The batches of the stages that it follows, and those that are replayed to it alone.</summary>
    public static IEnumerable<string> Of(StageDefinition stage) =>
        stage.After.Select(after => $"*.{after}").Append(RoutingKey.Replay(stage.Name));
}
