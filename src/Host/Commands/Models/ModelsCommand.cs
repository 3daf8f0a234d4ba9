using System.CommandLine;
using Pipeline.Models.Hub.Download;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models</c>: gets, lists, tries, checks and changes the models on this machine.</summary>
internal static class ModelsCommand
{
    /// <summary>The command.</summary>
    /// <param name="confirmation">Answers a question.</param>
    /// <param name="hub">Says which hub is asked, when one is.</param>
    public static Command Create(Confirmation confirmation, Func<HubSettings> hub) =>
        new("models", "Gets, lists, tries and checks models. Of all commands, models pull alone downloads them.")
        {
            PullCommand.Create(hub),
            ListCommand.Create(),
            CheckCommand.Create(),
            VerifyCommand.Create(),
            AcceptCommand.Create(confirmation),
            LockCommand.Create(),
            ConvertCommand.Create(),
            QuantizeCommand.Create(),
        };
}
