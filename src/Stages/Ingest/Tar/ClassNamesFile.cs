using System.Globalization;
using System.Text;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>classes.txt or classnames.txt beside the tars: a class a line, the first being number 0.</summary>
internal static class ClassNamesFile
{
    private const long MostBytes = 1 << 24;

    private static readonly string[] Names = ["classes.txt", "classnames.txt"];

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The file; null if there is none.</summary>
    public static string? Find(string folder) => Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Whether a label is a class's number, so that the file says its name.</summary>
    public static bool IsNumber(string label, out int number) =>
        int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>The classes in the order of the lines; empty lines at the end are none.</summary>
    /// <exception cref="InputException">It cannot be read, has an empty line, or a class twice.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        var lines = Text(path).Split('\n').Select(line => line.Trim()).ToList();
        lines.RemoveRange(lines.FindLastIndex(line => line.Length > 0) + 1, lines.Count - lines.FindLastIndex(line => line.Length > 0) - 1);
        var empty = lines.IndexOf("");
        if (empty >= 0)
            throw Wrong(path, $"has nothing in line {empty + 1}");
        var twice = lines.CountBy(line => line).FirstOrDefault(line => line.Value > 1).Key;
        return twice is null ? lines : throw Wrong(path, $"has the class '{twice}' twice");
    }

    private static string Text(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes
                ? Strict.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF')
                : throw Wrong(path, $"has more than {MostBytes:N0} bytes");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new InputException(
                $"{path} cannot be read: {error.Message} It must have one class a line, in UTF-8. Correct it, or take it away.",
                error
            );
        }
    }

    private static InputException Wrong(string path, string what) =>
        new($"{path} {what}; it must have one class a line, each once. Correct it, or take it away.");
}
