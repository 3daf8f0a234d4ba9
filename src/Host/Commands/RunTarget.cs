using System.CommandLine;
using Pipeline.Host.Commands.Cluster;
using Pipeline.Host.View;
using Pipeline.Models.Hub;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;
using Spectre.Console;

namespace Pipeline.Host.Commands;

/// <summary>The run that a command is about: an output directory or, with <c>--store</c>, a submitted run's id.</summary>
/// <param name="isOption">Whether it is given by <c>--run</c>, because the command is about something else of it.</param>
internal sealed class RunTarget(bool isOption = false)
{
    private const string Description = "The output directory of a run or, with --store, a run's id.";

    private readonly Argument<string> run = new("RUN") { Description = Description };
    private readonly Option<string> option = new("--run")
    {
        Description = Description,
        HelpName = "RUN",
        Required = true,
    };
    private readonly Option<string> store = StoreOption.Create(required: false);

    /// <summary>Adds both to a command.</summary>
    public void AddTo(Command command)
    {
        if (isOption)
        {
            command.Add(option);
        }
        else
        {
            command.Add(run);
        }

        command.Add(store);
    }

    /// <summary>Opens what was named.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="plugins">The kinds that are no part of the program; null for none.</param>
    /// <exception cref="UsageException">It is not there.</exception>
    public OpenRun Open(ParseResult parsed, PluginFolder? plugins = null)
    {
        var named = isOption ? parsed.GetRequiredValue(option) : parsed.GetRequiredValue(run);
        var cluster = parsed.GetValue(store) is null ? null : StoreOption.Open(parsed, store, plugins);
        var directory = OutputDirectory.Open(cluster is null ? named : cluster.Output(named));
        var shown = cluster is null ? RunSummary.Shown(directory.Root) : $"{named} --store {RunSummary.Shown(cluster.Root)}";
        return new OpenRun(directory, cluster, new FolderStore(directory.Root), shown);
    }
}

/// <summary>A run that a command is about.</summary>
/// <param name="Directory">Its output directory.</param>
/// <param name="Cluster">The store that hosts share; null for a run in one process.</param>
/// <param name="Store">The store at the output directory.</param>
/// <param name="Shown">The arguments that name it, for the next command that is suggested.</param>
internal sealed record OpenRun(OutputDirectory Directory, ClusterStore? Cluster, FolderStore Store, string Shown)
{
    /// <summary>The run's id.</summary>
    public string Id => Directory.Run.Id;

    /// <summary>The folder that uris of samples are relative to: the input, or the folder of the table that it is.</summary>
    public string InputRoot =>
        System.IO.Directory.Exists(Directory.Run.Input) ? Directory.Run.Input : Path.GetDirectoryName(Directory.Run.Input) ?? "";

    /// <summary>Opens some of a finished run again and runs it in this process; what failed stays failed, unless it was claimed.</summary>
    /// <param name="open">What opens it, while no other process works in the directory.</param>
    /// <param name="plugins">Where the pipeline's plugins come from; null for none.</param>
    /// <param name="models">The models on this machine.</param>
    /// <param name="plain">Lines instead of a live table.</param>
    /// <param name="output">What is printed.</param>
    /// <param name="stop">Drains.</param>
    public async Task<int> DoAgainAsync(
        Func<Task> open,
        PluginSettings? plugins,
        ModelLibrary models,
        bool plain,
        TextWriter output,
        CancellationToken stop
    )
    {
        var lines = new HeldLines(output);
        await using var folder = await PluginOptions.OpenAsync(plugins, lines.Write, stop);
        using (OutputLock.Take(Directory.Root))
        {
            await open();
        }

        var settings = new RunSettings
        {
            Pipeline = Path.Combine(Directory.Root, "pipeline.yaml"),
            Input = Directory.Run.Input,
            Output = Directory.Root,
            Limit = Directory.Run.Limit,
            MaxFailedPercent = Directory.Run.MaxFailedPercent ?? RunCommand.DefaultMaxFailedPercent,
            KeepsFailed = true,
            Child = IsolatedCommand.Program() with { Said = lines.Write },
            Models = models,
            Plugins = folder,
        };
        SessionEnd end;
        lines.Hold();
        using (var view = RunViews.Open(plain, AnsiConsole.Console, output, TimeProvider.System))
        {
            end = await RunSession.RunAsync(settings, view, TimeProvider.System, stop);
        }

        lines.Release();
        return await RunHandlers.EndAsync(end, Directory.Root, output);
    }
}
