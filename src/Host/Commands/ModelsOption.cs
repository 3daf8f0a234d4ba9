using System.CommandLine;
using Pipeline.Models.Hub;

namespace Pipeline.Host.Commands;

/// <summary><c>--models</c>: a folder of models that is looked through before all others.</summary>
internal sealed class ModelsOption
{
    private readonly Option<string?> folder = new("--models")
    {
        Description =
            $"A folder with models, ORG/NAME/REVISION each, that is looked through first. Without it that of {ModelPlaces.FolderVariable}.",
        HelpName = "DIR",
    };

    /// <summary>Adds it to a command.</summary>
    public void AddTo(Command command) => command.Add(folder);

    /// <summary>The models on this machine.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="mayLack">Whether the folder may be missing, because the command fills it.</param>
    /// <exception cref="UsageException">The folder is not there.</exception>
    public ModelLibrary Open(ParseResult parsed, bool mayLack = false)
    {
        var library = ModelLibrary.Open(parsed.GetValue(folder));
        return mayLack || library.Places.Given is not { } given || Directory.Exists(given)
            ? library
            : throw new UsageException(
                $"The models folder {given} is not there; --models, or {ModelPlaces.FolderVariable}, must name a folder. Make it, or name another."
            );
    }
}
