namespace Pipeline.Stages.Train;

/// <summary>Files of the train stage are there whole or not at all: written beside the place, then renamed.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file; its folder is made.</summary>
    public static void Write(string path, byte[] bytes) => Put(path, partial => File.WriteAllBytes(partial, bytes));

    /// <summary>Copies a file; the folder of the copy is made.</summary>
    public static void Copy(string from, string to) => Put(to, partial => File.Copy(from, partial, overwrite: true));

    private static void Put(string path, Action<string> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".");
        var partial = path + ".partial";
        write(partial);
        File.Move(partial, path, overwrite: true);
    }
}
