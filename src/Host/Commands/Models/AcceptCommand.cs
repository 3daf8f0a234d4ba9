using System.CommandLine;
using Pipeline.Models.Hub;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models accept</c>: a person accepts, once, a licence that restricts what a model may be used for.</summary>
internal static class AcceptCommand
{
    /// <summary>The command; the question is answered from <paramref name="confirmation"/>.</summary>
    public static Command Create(Confirmation confirmation)
    {
        var name = new Argument<string>("NAME") { Description = "The model; it is on this machine." };
        var yes = new Option<bool>("--yes") { Description = "Accepts without asking." };
        var models = new ModelsOption();
        var command = new Command("accept", "Accepts the licence of a model that restricts its use; a run with such a model needs it once.")
        {
            name,
            yes,
        };
        models.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var (library, output) = (models.Open(parsed), parsed.InvocationConfiguration.Output);
                var folder = library.Find(parsed.GetRequiredValue(name));
                if (folder.Terms is not { IsRestricted: true })
                {
                    await output.WriteLineAsync(
                        $"The licence of {folder.Name} is {folder.Licence ?? "not stated by its files"}; nothing is to be accepted."
                    );
                    return ExitCode.Done;
                }

                if (AcceptedLicences.Find(library.Places, folder) is { } date)
                {
                    await output.WriteLineAsync($"The licence of {folder.Name}, {folder.Licence}, was accepted on {date}.");
                    return ExitCode.Done;
                }

                await output.WriteLineAsync(
                    $"The licence of {folder.Name} is '{folder.Terms.Id}': {folder.Licence}\n"
                        + "It restricts what the model may be used for, or by whom, and may bind what is made with it. Read it; the program cannot tell whether your use is allowed."
                );
                if (!parsed.GetValue(yes) && !await confirmation.AsksAsync("Do you accept it?", output, stop))
                {
                    await output.WriteLineAsync("Nothing was accepted.");
                    return ExitCode.Done;
                }

                AcceptedLicences.Add(library.Places, folder, TimeProvider.System);
                await output.WriteLineAsync($"Accepted; noted in {library.Places.Own.First()}.");
                return ExitCode.Done;
            }
        );
        return command;
    }
}
