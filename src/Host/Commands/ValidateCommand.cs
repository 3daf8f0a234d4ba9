using System.CommandLine;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline validate</c>: parses; the handler checks.</summary>
internal static class ValidateCommand
{
    /// <summary>The command that calls <paramref name="handler"/>.</summary>
    public static Command Create(ValidateHandler handler)
    {
        var pipeline = SettingOption.Pipeline();
        var settings = SettingOption.Create();
        var plugins = new PluginOptions();
        var models = new ModelsOption();
        var command = new Command("validate", "Checks a pipeline file and lists all that is wrong with it; writes nothing.")
        {
            pipeline,
            settings,
        };
        plugins.AddTo(command);
        models.AddTo(command);
        command.SetAction(
            (parsed, stop) =>
                handler(
                    new ValidateRequest(parsed.GetRequiredValue(pipeline), parsed.GetRequiredValue(settings), plugins.Read(parsed))
                    {
                        Models = models.Open(parsed),
                    },
                    parsed.InvocationConfiguration.Output,
                    stop
                )
        );
        return command;
    }
}
