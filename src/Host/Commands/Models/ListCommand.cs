using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Models.Hub;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models list</c>: every model on this machine.</summary>
internal static class ListCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var models = new ModelsOption();
        var command = new Command(
            "list",
            "Lists the models on this machine: those that the program ships, the own folders, the Hugging Face cache."
        );
        models.AddTo(command);
        command.SetAction(parsed => Print(models.Open(parsed), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Print(ModelLibrary library, TextWriter output)
    {
        var table = new TextTable("name", "revision", "size", "licence", "where", "accepted");
        foreach (var folder in library.All())
        {
            table.Add(
                folder.Name.Source == ModelSource.Hub ? folder.Name.Id : folder.Name.ToString(),
                folder.Revision ?? "–",
                Size(folder),
                folder.Licence ?? "not stated",
                folder.Where,
                folder.Terms is not { IsRestricted: true } ? "not needed" : AcceptedLicences.Find(library.Places, folder) ?? "no"
            );
        }

        table.Write(output);
        return ExitCode.Done;
    }

    /// <summary>A model that cannot be read is listed all the same.</summary>
    private static string Size(ModelFolder folder)
    {
        try
        {
            return Amounts.Bytes(ModelLibrary.SizeOf(folder));
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return $"unreadable: {error.Message}";
        }
    }
}
