namespace Pipeline.Stages.Plugins;

/// <summary>The code that may be loaded, by its SHA-256: a file in the form that <c>sha256sum</c> prints.</summary>
internal sealed class AllowList
{
    private const int HashDigits = 64;

    private readonly string path;

    private readonly HashSet<string> hashes = new(StringComparer.OrdinalIgnoreCase);

    private AllowList(string path) => this.path = path;

    /// <summary>Reads it. Names are for people and not compared; empty lines and those that begin with <c>#</c> are passed over.</summary>
    /// <exception cref="PluginException">It is not there, or a line is none of <c>sha256sum</c>.</exception>
    public static AllowList Read(string path)
    {
        var list = new AllowList(path);
        try
        {
            foreach (var (index, line) in File.ReadLines(path).Index())
            {
                if (line.Length > 0 && line[0] != '#')
                {
                    list.hashes.Add(Hash(line) ?? throw Bad(path, index + 1, line));
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PluginException(
                $"The allow list {path} is not readable ({error.Message}); it must be a file that sha256sum wrote. Write it, or name another.",
                error
            );
        }

        return list;
    }

    /// <summary>Checks that all code of a plugin is listed.</summary>
    /// <exception cref="PluginException">A file is not.</exception>
    public void Check(PluginCopy copy)
    {
        var unlisted = copy.Files.Where(file => IsCode(file.Path) && !hashes.Contains(file.Sha256)).ToList();
        if (unlisted.Count > 0)
        {
            var root = Path.GetDirectoryName(copy.Identity.File) ?? ".";
            throw new PluginException(
                $"{string.Join(", ", unlisted.Select(file => $"{file.Path} ({file.Sha256})"))} is not in the allow list {path}; every .dll and .so of a plugin must be. "
                    + $"Look at it, then: sha256sum {string.Join(' ', unlisted.Select(file => Path.Combine(root, file.Path)))} >> {path}"
            );
        }
    }

    private static string? Hash(string line) =>
        line.Length > HashDigits && line[HashDigits] == ' ' && line.Take(HashDigits).All(char.IsAsciiHexDigit) ? line[..HashDigits] : null;

    private static bool IsCode(string file) =>
        Path.GetFileName(file) is var name
        && (
            name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".so", StringComparison.OrdinalIgnoreCase)
            || name.Contains(".so.", StringComparison.OrdinalIgnoreCase)
        );

    private static PluginException Bad(string path, int number, string line) =>
        new(
            $"Line {number} of the allow list {path} is '{line}'; it must be 64 hexadecimal digits, two spaces and a name, as sha256sum prints. Correct it."
        );
}
