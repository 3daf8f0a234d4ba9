using System.CommandLine;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Commands;

/// <summary>Where a command takes plugins from, and which it trusts.</summary>
internal sealed class PluginOptions
{
    private const double DefaultTimeLimitSeconds = 600;
    private const string FolderVariable = "PIPELINE_PLUGINS";
    private const string AllowVariable = "PIPELINE_PLUGINS_ALLOW";

    private readonly Option<string?> folder = new("--plugins")
    {
        Description =
            $"A folder with stages that are no part of the program, NAME/NAME.dll each; watched. Without it that of {FolderVariable}.",
        HelpName = "DIR",
    };

    private readonly Option<string?> allowed = new("--plugins-allow")
    {
        Description =
            $"The file, written by sha256sum, that lists every .dll and .so that may be loaded. Without it that of {AllowVariable}.",
        HelpName = "FILE",
    };

    private readonly Option<bool> trusted = new("--plugins-unchecked")
    {
        Description = "Loads whatever lies in the folder: whoever can write there runs code as this process.",
    };

    private readonly Option<bool> isolated = new("--isolate")
    {
        Description = "Serves stages of plugins in child processes: one that crashes takes neither the others nor this process with it.",
    };

    private readonly Option<double?> timeLimit = RunCommand.Ranged(
        new Option<double?>("--plugins-time-limit")
        {
            Description = "Seconds, 1 to 86,400, in which each call of a plugin's stage must come back; else its batch fails.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => DefaultTimeLimitSeconds,
        },
        1.0,
        86_400.0
    );

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="serves">Whether it serves stages, and so has the options that say how.</param>
    public void AddTo(Command command, bool serves = false)
    {
        command.Add(folder);
        command.Add(allowed);
        command.Add(trusted);
        if (serves)
        {
            command.Add(isolated);
            command.Add(timeLimit);
        }
    }

    /// <summary>What was given; null when no folder is named.</summary>
    /// <exception cref="UsageException">The options contradict each other.</exception>
    public PluginSettings? Read(ParseResult parsed)
    {
        var (list, isTrusted) = (parsed.GetValue(allowed), parsed.GetValue(trusted));
        if (list is not null && isTrusted)
        {
            throw new UsageException("--plugins-allow and --plugins-unchecked are both given; one of them must be. Leave one out.");
        }

        if ((parsed.GetValue(folder) ?? Variable(FolderVariable)) is not { } directory)
        {
            return list is null && !isTrusted
                ? null
                : throw new UsageException(
                    "No plugin folder is named; --plugins-allow and --plugins-unchecked must stand with one. Give --plugins DIR."
                );
        }

        return new PluginSettings
        {
            Folder = Path.GetFullPath(directory),
            AllowList = (isTrusted ? null : list ?? Variable(AllowVariable)) is { } path ? Path.GetFullPath(path) : null,
            Unchecked = isTrusted,
            Isolated = parsed.GetValue(isolated),
            TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(timeLimit) ?? DefaultTimeLimitSeconds),
        };
    }

    /// <summary>Opens the folder; null when none is named.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not there.</exception>
    public static async Task<PluginFolder?> OpenAsync(PluginSettings? settings, Action<string> log, CancellationToken stop) =>
        settings is null ? null : await PluginFolder.OpenAsync(settings, RunSession.Catalog, log, TimeProvider.System, stop);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
