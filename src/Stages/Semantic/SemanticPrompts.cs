using System.Text.Json;

namespace Pipeline.Stages.Semantic;

/// <summary>What images should show, and what they should not.</summary>
/// <param name="Tasks">Task prompts; one or more where they are complete.</param>
/// <param name="Negatives">Negatives; one or more.</param>
public sealed record SemanticPrompts(IReadOnlyList<string> Tasks, IReadOnlyList<string> Negatives)
{
    private const string Library = "library";
    private static readonly Lazy<IReadOnlyDictionary<string, PublishedPrompts>> Known = new(Load);

    /// <summary>The published sets by name, with where each was published.</summary>
    public static IReadOnlyDictionary<string, PublishedPrompts> Published => Known.Value;

    /// <summary>The prompts that a stage's options come to: those that they list, else those of the set that they name, else the library's negatives.</summary>
    /// <param name="preset">Name of a published set; null for none.</param>
    /// <param name="tasks">Task prompts in place of the set's; empty for the set's.</param>
    /// <param name="negatives">Negatives in place of the set's; empty for the set's.</param>
    public static SemanticPrompts Of(string? preset, IReadOnlyList<string> tasks, IReadOnlyList<string> negatives)
    {
        var set = Published.GetValueOrDefault(preset ?? Library) ?? Published[Library];
        return new SemanticPrompts(tasks.Count > 0 ? tasks : set.Tasks, negatives.Count > 0 ? negatives : set.Negatives);
    }

    /// <summary>What is wrong with such options, one sentence each.</summary>
    public static IEnumerable<string> Faults(string stage, string? preset, IReadOnlyList<string> tasks, IReadOnlyList<string> negatives)
    {
        var names = string.Join(", ", Published.Keys.Order(StringComparer.Ordinal));
        if (preset is not null && !Published.ContainsKey(preset))
        {
            yield return $"{stage}.preset is {preset}; it must be one of {names}. Set it in the pipeline file or with --set.";
        }
        else if (Of(preset, tasks, negatives).Tasks.Count == 0)
        {
            yield return $"{stage}.tasks is empty; it must say what images should show. Set {stage}.preset to one of {names}, "
                + $"or {stage}.tasks to prompts of your own, such as [a photo of a bird].";
        }

        foreach (var text in tasks.Concat(negatives).Where(string.IsNullOrWhiteSpace))
        {
            yield return $"A prompt of {stage} is '{text}'; it must be a text. Correct {stage}.tasks or {stage}.negatives.";
        }

        var twice = Of(preset, tasks, negatives) is { } all
            ? all.Tasks.Intersect(all.Negatives, StringComparer.Ordinal).FirstOrDefault()
            : null;
        if (twice is not null)
        {
            yield return $"The prompt '{twice}' of {stage} is a task prompt and a negative; it must be one of them, for a tie keeps nothing. Correct {stage}.tasks or {stage}.negatives.";
        }
    }

    private static Dictionary<string, PublishedPrompts> Load()
    {
        const string Resource = "Semantic/presets.json";
        using var stream =
            typeof(SemanticPrompts).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is not in the program; it must be. Build it again.");
        var sets = JsonSerializer.Deserialize<Dictionary<string, PublishedPrompts>>(stream, JsonSerializerOptions.Web) ?? [];
        return new Dictionary<string, PublishedPrompts>(sets, StringComparer.Ordinal);
    }
}

/// <summary>Prompts as somebody published them.</summary>
/// <param name="Source">Who, and for which data set.</param>
/// <param name="Tasks">Task prompts, to the letter.</param>
/// <param name="Negatives">Negatives, to the letter.</param>
public sealed record PublishedPrompts(string Source, IReadOnlyList<string> Tasks, IReadOnlyList<string> Negatives);
