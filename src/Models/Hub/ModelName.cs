namespace Pipeline.Models.Hub;

/// <summary>Where the files of a model come from.</summary>
public enum ModelSource
{
    /// <summary>A repository of the hub, <c>org/name[@revision]</c>.</summary>
    Hub,

    /// <summary>A folder that the user names, <c>path:DIR</c>.</summary>
    Folder,

    /// <summary>A folder that the program ships, <c>builtin:NAME</c>.</summary>
    BuiltIn,
}

/// <summary>The name of a model as pipeline files and commands write it: <c>org/name[@revision]</c>, <c>path:DIR</c> or <c>builtin:NAME</c>.</summary>
/// <remarks>A name that was read cannot lead out of the folder that it is looked for in: its words are letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</remarks>
public sealed record ModelName
{
    private const string FolderPrefix = "path:";
    private const string BuiltInPrefix = "builtin:";
    private const int MostLetters = 96; // huggingface_hub's limit of a repository's name
    private const string Wanted = "org/name[@revision], path:DIR or builtin:NAME";

    private ModelName(ModelSource source, string id, string? revision) => (Source, Id, Revision) = (source, id, revision);

    /// <summary>Where it comes from.</summary>
    public ModelSource Source { get; }

    /// <summary><c>org/name</c>, the folder as it was given, or the name of what the program ships.</summary>
    public string Id { get; }

    /// <summary>The commit, tag or branch that is wanted; null where none is.</summary>
    public string? Revision { get; }

    /// <summary>How a data set's card may write it: no folder of this machine is in it.</summary>
    public string Shown =>
        Source == ModelSource.Folder ? FolderPrefix + Path.GetFileName(Path.TrimEndingDirectorySeparator(Id)) : ToString();

    /// <summary>Reads a name.</summary>
    /// <exception cref="InvalidDataException">It is none; the message says what is wrong.</exception>
    public static ModelName Parse(string text) => TryParse(text, out var name) is { } fault ? throw new InvalidDataException(fault) : name;

    /// <summary>What is wrong with a name, in a sentence; null when nothing is.</summary>
    public static string? Fault(string text) => TryParse(text, out _);

    /// <inheritdoc/>
    public override string ToString() =>
        Source switch
        {
            ModelSource.Folder => FolderPrefix + Id,
            ModelSource.BuiltIn => BuiltInPrefix + Id,
            _ => Revision is null ? Id : $"{Id}@{Revision}",
        };

    /// <summary>Whether a text can be a folder's name here: of a revision, or of a part of a repository's name.</summary>
    internal static bool IsWord(string text) =>
        text.Length is > 0 and <= MostLetters
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')
        && !text.Contains("..", StringComparison.Ordinal)
        && text[^1] is not '.';

    private static string? TryParse(string text, out ModelName name)
    {
        name = new ModelName(ModelSource.Hub, "", null);
        if (text.StartsWith(FolderPrefix, StringComparison.Ordinal))
        {
            name = new ModelName(ModelSource.Folder, text[FolderPrefix.Length..], null);
            return name.Id.Length == 0 || name.Id.Contains('\0')
                ? $"The model '{text}' names no folder; it must be path:DIR. Write the folder after path:."
                : null;
        }

        if (text.StartsWith(BuiltInPrefix, StringComparison.Ordinal))
        {
            name = new ModelName(ModelSource.BuiltIn, text[BuiltInPrefix.Length..], null);
            return IsWord(name.Id) ? null : Bad(text, name.Id, "NAME of builtin:NAME");
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        var (id, revision) = at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
        name = new ModelName(ModelSource.Hub, id, revision);
        return id.Split('/') is not [var owner, var repository]
                ? $"The model '{text}' is no name of a model; it must be {Wanted}. Write it so."
            : !IsPart(owner) ? Bad(text, owner, "org of org/name")
            : !IsPart(repository) ? Bad(text, repository, "name of org/name")
            : revision is not null && !IsWord(revision) ? Bad(text, revision, "revision after @")
            : null;
    }

    /// <summary>The hub's cache joins the parts of a name by <c>--</c>, so neither part may hold it.</summary>
    private static bool IsPart(string text) => IsWord(text) && !text.Contains("--", StringComparison.Ordinal) && text[^1] != '-';

    private static string Bad(string text, string found, string what) =>
        $"The {what} in the model '{text}' is '{found}'; it must be 1 to {MostLetters} letters, digits, '.', '_' or '-', beginning with a letter or digit, without '..'"
        + (what.StartsWith("rev", StringComparison.Ordinal) ? "" : " and '--'")
        + ". Correct the name.";
}
