using System.CommandLine;
using Pipeline.Host.Commands.Cluster;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Host.Commands.Topology;

/// <summary>The options that every command has that changes a run's topology.</summary>
internal sealed class ChangeOptions
{
    private const string Now = "now";
    private const string Start = "start";

    private readonly RunTarget target;
    private readonly BrokerOption broker = new(required: false);
    private readonly PluginOptions plugins = new();
    private readonly ModelsOption models = new();
    private readonly Option<string>? from;
    private readonly Option<bool> plain = new("--plain")
    {
        Description = "Lines instead of a live table, where a run that is not worked on goes on in this process.",
    };

    /// <summary>Makes the options.</summary>
    /// <param name="isOption">Whether the run is given by <c>--run</c>.</param>
    /// <param name="requiresFrom">Whether <c>--from</c> must be given; null where every change applies from now on.</param>
    public ChangeOptions(bool isOption, bool? requiresFrom)
    {
        target = new RunTarget(isOption);
        if (requiresFrom is { } isRequired)
        {
            from = new Option<string>("--from")
            {
                Description =
                    $"{Now}: for batches that come from now on{(isRequired ? "" : ", if not given")}. {Start}: for those that are there too; only what changes is done again.",
                HelpName = $"{Now}|{Start}",
                Required = isRequired,
            };
            from.AcceptOnlyFromAmong(Now, Start);
        }
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        target.AddTo(command);
        if (from is not null)
        {
            command.Add(from);
        }

        broker.AddTo(command);
        plugins.AddTo(command, serves: true);
        models.AddTo(command);
        command.Add(plain);
    }

    /// <summary>Opens the run, and reads its topology.</summary>
    /// <exception cref="UsageException">It is not there, or hosts serve it and no broker is named.</exception>
    public async Task<RunChange> OpenAsync(ParseResult parsed, CancellationToken stop)
    {
        var streams = parsed.InvocationConfiguration;
        var settings = plugins.Read(parsed);
        var folder = await PluginOptions.OpenAsync(settings, streams.Output.WriteLine, stop);
        try
        {
            var run = target.Open(parsed, folder);
            if (run.Cluster is not null && !broker.IsGiven(parsed))
            {
                throw new UsageException("--store is given and --broker is not; hosts that serve the run must be told. Give --broker.");
            }

            var catalog = KindsFile.Read(run.Directory.Root, folder?.Catalog ?? RunSession.Catalog);
            var versions = new TopologyStore(run.Store, () => catalog);
            return new RunChange(run, catalog, versions, await versions.ReadAsync(stop), streams)
            {
                Connect = async ending => await broker.ConnectAsync(parsed, ending),
                Submission = run.Cluster is null ? null : await run.Cluster.FindAsync(run.Id, stop),
                From = from is not null && parsed.GetValue(from) == Start ? TopologyFrom.Start : TopologyFrom.Now,
                Remedy = from is null
                    ? "Change the pipeline file and begin the run again."
                    : $"Give --from {Start}: then it is done for the batches that are there.",
                IsPlain = parsed.GetValue(plain),
                Plugins = settings,
                Models = models.Open(parsed),
                Folder = folder,
            };
        }
        catch when (folder is not null)
        {
            await folder.DisposeAsync();
            throw;
        }
    }
}
