namespace Pipeline.Stages.Ingest;

/// <summary>A path that a table gives for an image: it must stay within the table's folder.</summary>
internal static class RelativePath
{
    /// <summary>The path with '/' between its parts and none that is empty or '.'; null if it leads elsewhere.</summary>
    /// <param name="path">As the table has it.</param>
    /// <param name="root">The table's folder.</param>
    /// <param name="fault">What is wrong with it, to follow the place where it stands; empty if nothing is.</param>
    public static string? Clean(string? path, string root, out string fault)
    {
        fault = "";
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
            fault =
                "has no path that a file can have; it must be an image's, relative to the table's folder. Fill it in, or take the row out.";
        else if (Path.IsPathRooted(path) || path.Contains("://", StringComparison.Ordinal) || path is [_, ':', '\\' or '/', ..])
            fault =
                $"has the absolute path '{path}'; it must be relative to {root}. Move the table or the images, and write the path from there.";
        else if (path.Split('/') is var parts && !parts.Contains(".."))
            return string.Join('/', parts.Where(part => part is not ("" or ".")));
        else
            fault = $"has the path '{path}', which leads out by '..'; it must stay within {root}. Put the table above all images.";
        return null;
    }
}
