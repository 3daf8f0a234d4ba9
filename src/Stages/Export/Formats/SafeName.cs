namespace Pipeline.Stages.Export.Formats;

/// <summary>Names of classes and splits as names of files.</summary>
internal static class SafeName
{
    /// <summary>Text with what a file's name must not hold replaced by <c>_</c>: slashes, control characters, a dot at the beginning.</summary>
    public static string Of(string text)
    {
        var name = string.Concat(text.Select(letter => letter is '/' or '\\' or ':' || char.IsControl(letter) ? '_' : letter));
        return name.Length == 0 || name[0] == '.' ? "_" + name : name;
    }

    /// <summary>A file name for each text, no two alike: where two would be, the later gets <c>_</c> at its end.</summary>
    public static Dictionary<string, string> OfEach(IEnumerable<string> texts)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var name = Of(text);
            while (names.ContainsValue(name))
                name += "_";
            names.TryAdd(text, name);
        }

        return names;
    }
}
