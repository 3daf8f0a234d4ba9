namespace Pipeline.Models.Hub;

/// <summary>What a model's card, <c>README.md</c>, says in its head of YAML between two lines of <c>---</c>.</summary>
internal static class ModelCardHeader
{
    /// <summary>The file's name.</summary>
    public const string FileName = "README.md";

    private const int MostLines = 1000;
    private const int MostBytes = 4 << 20;

    /// <summary>The licence; null when there is no card, or it states none.</summary>
    /// <exception cref="InvalidDataException">The card is a link that leads out of the model.</exception>
    public static ModelLicence? LicenceOf(ModelFolder folder)
    {
        var path = Path.Combine(folder.Path, FileName);
        if (!File.Exists(path) || new FileInfo(path).Length > MostBytes)
        {
            return null;
        }

        ModelFiles.CheckLink(folder, path, RealPath.Of(folder.Boundary));
        return LicenceIn(File.ReadLines(path).Take(MostLines));
    }

    /// <summary>The licence that a card's lines state; null for none.</summary>
    public static ModelLicence? LicenceIn(IEnumerable<string> lines)
    {
        string? id = null;
        string? link = null;
        var isFirst = true;
        var inList = false;
        foreach (var line in lines)
        {
            if (line.TrimEnd() == "---")
            {
                if (!isFirst)
                {
                    break;
                }

                isFirst = false;
                continue;
            }

            if (isFirst)
            {
                return null; // no head
            }

            if (inList && line.TrimStart().StartsWith("- ", StringComparison.Ordinal))
            {
                id ??= Word(line.TrimStart()[2..]);
            }

            inList = line.TrimEnd() == "license:" || (inList && line.TrimStart().StartsWith('-'));
            id ??= Value(line, "license:");
            link ??= Value(line, "license_link:");
        }

        return id is null ? null : new ModelLicence(id, Address(link));
    }

    private static string? Value(string line, string key) =>
        line.StartsWith(key, StringComparison.Ordinal) ? Word(line[key.Length..]) : null;

    private static string? Word(string text) => text.Trim().Trim('"', '\'') is { Length: > 0 and < 300 } word ? word : null;

    /// <summary>A link within the repository, such as <c>LICENSE.md</c>, is no address.</summary>
    private static string? Address(string? link) =>
        Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Scheme == "https" ? link : null;
}
