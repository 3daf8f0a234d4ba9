namespace Pipeline.Stages.Export.Card;

/// <summary>What the models that come with the program are, and what they must not be taken for.</summary>
internal static class BackendNotes
{
    private static readonly Dictionary<string, (string Is, string Limit)> Notes = new(StringComparer.Ordinal)
    {
        ["statistics"] = (
            "measures light, haze, contrast, focus, noise, colours and texture, and makes a sentence of them",
            "Captions by `statistics` recognise no object: \"fog\" and \"night\" mean that the picture measures like one, \"sky\" and \"ground\" are its upper and lower parts."
        ),
        ["phrases"] = (
            "counts the phrases of captions and makes descriptions of those that are frequent",
            "Descriptions by `phrases` are counted, not understood."
        ),
        ["procedural"] = (
            "paints by fixed recipes that the words of a description ask for",
            "Edits by `procedural` come from no generative model: they know neither objects nor depth, guess horizon and ground from colours, and may paint over the object."
        ),
    };

    /// <summary>What the backend is, in half a sentence; null where it is not built in.</summary>
    public static string? Of(string backend) => Notes.TryGetValue(backend, out var note) ? note.Is : null;

    /// <summary>What to keep in mind of its output; null where nothing is known.</summary>
    public static string? LimitOf(string backend) => Notes.TryGetValue(backend, out var note) ? note.Limit : null;
}
