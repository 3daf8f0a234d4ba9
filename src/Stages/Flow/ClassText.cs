namespace Pipeline.Stages.Flow;

/// <summary>Class names as prompts have them.</summary>
public static class ClassText
{
    /// <summary>What stands in a prompt where the class goes.</summary>
    public const string Place = "{}";

    /// <summary>The class as text: without digits and full stops, underscores as spaces.</summary>
    public static string Of(string label) =>
        string.Join(
            ' ',
            new string([
                .. label.Where(letter => !char.IsDigit(letter) && letter != '.').Select(letter => letter == '_' ? ' ' : letter),
            ]).Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );

    /// <summary>A prompt with the class in its place.</summary>
    /// <param name="template">Any text; <c>{}</c> where the class goes.</param>
    /// <param name="label">The class, as ingest names it.</param>
    public static string Fill(string template, string label) => template.Replace(Place, Of(label), StringComparison.Ordinal);
}
