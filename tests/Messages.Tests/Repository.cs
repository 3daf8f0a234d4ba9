namespace Pipeline.Messages.Tests;

/// <summary>The contracts' folder in the source tree, above the folder in which the tests run.</summary>
internal static class Repository
{
    internal static string Messages { get; } = Path.Combine(Root(), "src", "Messages");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds Pipeline.sln; the tests must run inside the repository."
        );
    }
}
