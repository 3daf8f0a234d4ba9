using System.CommandLine;
using System.CommandLine.Parsing;

namespace Pipeline.Host.Commands;

/// <summary>The arguments that <c>run</c> and <c>validate</c> have in common.</summary>
internal static class SettingOption
{
    /// <summary><c>PIPELINE</c>.</summary>
    public static Argument<string> Pipeline() =>
        new("PIPELINE") { Description = "A preset's name (see: pipeline presets), or the path of a YAML file." };

    /// <summary><c>--set</c>, any number of times.</summary>
    public static Option<string[]> Create()
    {
        var option = new Option<string[]>("--set")
        {
            Description =
                "Sets one option of the pipeline, as edit.strength=0.5; may be repeated, the later wins. --dry-run lists all options.",
            HelpName = "STAGE.OPTION=VALUE",
            DefaultValueFactory = _ => [],
        };
        option.Validators.Add(Check);
        return option;
    }

    private static void Check(OptionResult result)
    {
        foreach (var token in result.Tokens)
        {
            var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !IsKey(token.Value[..equals]))
                result.AddError($"--set is '{token.Value}'; it must be STAGE.OPTION=VALUE. For example: --set caption.microBatch=8.");
        }
    }

    private static bool IsKey(string key) =>
        key.Split('.') is { Length: > 1 } parts && parts.All(part => part.Length > 0 && !part.Any(char.IsWhiteSpace));
}
