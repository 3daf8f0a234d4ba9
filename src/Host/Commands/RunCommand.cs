using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline run</c>: parses; the handler runs.</summary>
internal static class RunCommand
{
    /// <summary>One batch in twenty: more points at a fault of the set-up, not of the data.</summary>
    public const double DefaultMaxFailedPercent = 5;

    /// <summary>The command that calls <paramref name="handler"/>.</summary>
    public static Command Create(RunHandler handler)
    {
        var pipeline = SettingOption.Pipeline();
        var input = new Option<string>("--input")
        {
            Description =
                "The data set: a folder of class folders, a table of paths or addresses, or files that hold the images. See the README.",
            HelpName = "PATH",
            Required = true,
        };
        var output = new Option<string>("--output")
        {
            Description = "The output directory, which holds one run; made if missing. The same command goes on with what is there.",
            HelpName = "DIR",
            Required = true,
        };
        var options = new RunOptions();
        var plugins = new PluginOptions();
        var models = new ModelsOption();
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Shows graph, options, counts, models with hashes, and an estimate of time and disk; writes nothing.",
        };
        var offline = new Option<bool>("--offline")
        {
            Description = "Opens no connection: an input that names addresses is refused. Models are never downloaded by a run.",
        };
        var plain = new Option<bool>("--plain")
        {
            Description = "A line every few seconds instead of a live table; so it is without a terminal too.",
        };
        var follow = Ranged(
            new Option<double?>("--follow")
            {
                Description = "Takes images that come while it runs, until none has come for so many seconds, 1 to 604,800.",
                HelpName = "SECONDS",
            },
            1.0,
            604_800.0
        );
        var command = new Command("run", "Runs a pipeline over a data set, or goes on with it.")
        {
            pipeline,
            input,
            output,
            dryRun,
            offline,
            plain,
            follow,
        };
        options.AddTo(command);
        plugins.AddTo(command, serves: true);
        models.AddTo(command);
        command.SetAction(
            (parsed, stop) =>
                handler(
                    new RunRequest
                    {
                        Pipeline = parsed.GetRequiredValue(pipeline),
                        Input = parsed.GetRequiredValue(input),
                        Output = parsed.GetRequiredValue(output),
                        Seed = parsed.GetValue(options.Seed),
                        Limit = parsed.GetValue(options.Limit),
                        Settings = parsed.GetRequiredValue(options.Settings),
                        DryRun = parsed.GetValue(dryRun),
                        Offline = parsed.GetValue(offline),
                        Plain = parsed.GetValue(plain),
                        MaxFailedPercent = parsed.GetValue(options.MaxFailed) ?? DefaultMaxFailedPercent,
                        Follow = parsed.GetValue(follow) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                        Verify = parsed.GetValue(options.Verify),
                        Plugins = plugins.Read(parsed),
                        Models = models.Open(parsed),
                    },
                    parsed.InvocationConfiguration.Output,
                    stop
                )
        );
        return command;
    }

    /// <summary>Takes values from <paramref name="least"/> to <paramref name="most"/>; refuses all others, and NaN.</summary>
    public static Option<T?> Ranged<T>(Option<T?> option, T least, T most)
        where T : struct, INumber<T>
    {
        option.Arity = ArgumentArity.ExactlyOne;
        option.CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
                return value;
            result.AddError($"{option.Name} is '{text}'; it must be a number between {least} and {most}. Give one in that range.");
            return null;
        };
        return option;
    }
}
