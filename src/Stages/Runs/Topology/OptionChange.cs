using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>An option that two stages of one kind have different values of.</summary>
/// <param name="Name">The option.</param>
/// <param name="From">Its value before, as a pipeline file has it; <c>none</c> when the kind had no such option then.</param>
/// <param name="To">Its value after; <c>none</c> when the kind has no such option any more.</param>
internal sealed record OptionChange(string Name, string From, string To)
{
    private const string None = "none";

    /// <summary>The options that differ, in ordinal order of names.</summary>
    public static IReadOnlyList<OptionChange> Of(StageDefinition from, StageDefinition to)
    {
        var (before, after) = (Values(from), Values(to));
        return
        [
            .. before
                .Keys.Union(after.Keys)
                .Order(StringComparer.Ordinal)
                .Select(name => new OptionChange(name, before.GetValueOrDefault(name, None), after.GetValueOrDefault(name, None)))
                .Where(change => change.From != change.To),
        ];
    }

    private static Dictionary<string, string> Values(StageDefinition stage) =>
        StageOption
            .Of(stage.Options)
            .ToDictionary(option => option.Name, option => OptionValue.Text(option.Get(stage.Options)), StringComparer.Ordinal);
}
