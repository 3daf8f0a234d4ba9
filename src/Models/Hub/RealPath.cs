namespace Pipeline.Models.Hub;

/// <summary>Where a path leads when every link on the way is followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as the kernel's

    /// <summary>The path without links.</summary>
    /// <param name="path">Of something that is there.</param>
    /// <exception cref="IOException">Its links lead in a circle.</exception>
    public static string Of(string path)
    {
        var (done, rest, links) = ("/", new Stack<string>(Parts(Path.GetFullPath(path))), 0);
        while (rest.TryPop(out var part))
        {
            var next = Path.Combine(done, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                done = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path} leads through more than {MostLinks} links; it must lead to a file. Remove the circle.");
            }

            foreach (var further in Parts(Path.GetFullPath(target, done)))
            {
                rest.Push(further);
            }

            done = "/";
        }

        return done;
    }

    /// <summary>Whether a path without links lies in a folder.</summary>
    public static bool IsBelow(string path, string folder) =>
        path.StartsWith(folder.EndsWith('/') ? folder : folder + "/", StringComparison.Ordinal);

    /// <summary>Last part first, as a stack takes them.</summary>
    private static IEnumerable<string> Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse();
}
