namespace Pipeline.Host.Commands;

/// <summary>A fault of the program, for those who mend it: everything that is known of it, in a file.</summary>
internal static class FaultReport
{
    /// <summary>Writes it into the folder for temporary files; gives its path.</summary>
    public static string Write(Exception fault, IReadOnlyList<string> arguments)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("pipeline-fault-").FullName, "fault.txt");
        File.WriteAllText(
            path,
            $"{Environment.OSVersion}, .NET {Environment.Version}\npipeline {string.Join(' ', arguments)}\n\n{fault}\n"
        );
        return path;
    }
}
