using Pipeline.Sdk;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>Settings of a <see cref="ForeignKind"/>, as the file writes them: only who serves the stage knows their types and checks them.</summary>
public sealed class ForeignOptions : IStageOptions
{
    /// <summary>What the name of an option must be, for an error.</summary>
    internal const string Wanted = "letters and digits, the first a lower-case letter";

    private readonly SortedDictionary<string, YamlValue?> values = new(StringComparer.Ordinal);

    internal IEnumerable<string> Names => values.Keys;

    internal YamlValue? this[string name]
    {
        get => values[name];
        set => values[name] = value;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage) => [];

    internal static bool IsGood(string name) =>
        name.Length > 0
        && char.IsAsciiLetterLower(name[0])
        && name.All(char.IsAsciiLetterOrDigit)
        && name is not (StageOption.Kind or StageOption.After);
}
