using System.CommandLine;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline presets</c>.</summary>
internal static class PresetsCommand
{
    /// <summary>The command that calls <paramref name="handler"/>.</summary>
    public static Command Create(PresetsHandler handler)
    {
        var command = new Command("presets", "Lists the pipelines that come with the program.");
        command.SetAction((parsed, stop) => handler(parsed.InvocationConfiguration.Output, stop));
        return command;
    }
}
