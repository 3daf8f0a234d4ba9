using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs.Cluster;
using Pipeline.Stages.Transport.RabbitMq;

namespace Pipeline.Host.Commands.Cluster;

/// <summary><c>pipeline host</c>: a worker. Serves submitted runs until it is asked to stop.</summary>
internal static class HostCommand
{
    private const double DefaultDrainSeconds = 30;
    private const double DefaultAcknowledgementSeconds = 1800;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var broker = new BrokerOption();
        var store = StoreOption.Create();
        var plugins = new PluginOptions();
        var models = new ModelsOption();
        var stages = new Option<string>("--stages")
        {
            Description =
                "all, or names of stages or of their kinds, parted by commas. A host that serves all that is done once a run (ingest, describe, select, export, train, report) can lead runs; others serve batches alone.",
            HelpName = "STAGES",
            DefaultValueFactory = _ => "all",
        };
        var drain = RunCommand.Ranged(
            new Option<double?>("--drain")
            {
                Description = "Seconds, 0 to 86,400, in which what is begun may end after SIGTERM; the rest is given back.",
                HelpName = "SECONDS",
                DefaultValueFactory = _ => DefaultDrainSeconds,
            },
            0.0,
            86_400.0
        );
        var timeout = RunCommand.Ranged(
            new Option<double?>("--acknowledgement-timeout")
            {
                Description = "The broker's consumer_timeout in seconds, 10 to 604,800, where it was changed; 1800 without it.",
                HelpName = "SECONDS",
                DefaultValueFactory = _ => DefaultAcknowledgementSeconds,
            },
            10.0,
            604_800.0
        );
        var name = new Option<string>("--name")
        {
            Description = "Names the host to people.",
            HelpName = "NAME",
            DefaultValueFactory = _ => Environment.MachineName,
        };
        var command = new Command("host", "Serves the stages of submitted runs, beside other hosts.")
        {
            store,
            stages,
            drain,
            timeout,
            name,
        };
        plugins.AddTo(command, serves: true);
        models.AddTo(command);
        broker.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var settings = new HostSettings
                {
                    Name = parsed.GetRequiredValue(name),
                    Stages = Stages(parsed.GetRequiredValue(stages)),
                    Drain = TimeSpan.FromSeconds(parsed.GetValue(drain) ?? DefaultDrainSeconds),
                    Models = models.Open(parsed),
                };
                var options = broker.Options(parsed) with
                {
                    AcknowledgementTimeout = TimeSpan.FromSeconds(parsed.GetValue(timeout) ?? DefaultAcknowledgementSeconds),
                };
                return await ServeAsync(settings, store, plugins.Read(parsed), options, parsed, stop);
            }
        );
        return command;
    }

    private static async Task<int> ServeAsync(
        HostSettings settings,
        Option<string> store,
        PluginSettings? plugins,
        BrokerOptions broker,
        ParseResult parsed,
        CancellationToken stop
    )
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        var output = TextWriter.Synchronized(parsed.InvocationConfiguration.Output);
        void Log(string text)
        {
            output.WriteLine($"{Amounts.Duration(clock.GetElapsedTime(started)), 8}  {text}");
            output.Flush();
        }

        await using var folder = await PluginOptions.OpenAsync(plugins, Log, stop);
        var cluster = StoreOption.Open(parsed, store, folder);
        await using var transport = await RabbitMqTransport.ConnectAsync(
            broker,
            notice => Log(notice ?? "the broker is there again"),
            stop
        );
        Log(
            $"host {settings.Name} serves {(settings.Stages is null ? "all stages" : string.Join(", ", settings.Stages))} of {cluster.Root}"
        );
        await new PipelineHost(
            settings with
            {
                Plugins = folder,
                Child = IsolatedCommand.Program() with { Said = Log },
            },
            cluster,
            transport,
            Log,
            clock
        ).RunAsync(stop);
        Log("stopped; what was not finished was given back");
        return ExitCode.Done;
    }

    private static HashSet<string>? Stages(string text)
    {
        if (text == "all")
        {
            return null;
        }

        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0
            ? new HashSet<string>(names, StringComparer.Ordinal)
            : throw new UsageException($"--stages is '{text}'; it must be all, or names parted by commas, as caption,edit.");
    }
}
