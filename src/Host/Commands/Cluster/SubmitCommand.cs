using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;
using Spectre.Console;

namespace Pipeline.Host.Commands.Cluster;

/// <summary><c>pipeline submit</c>: hands a run to the hosts.</summary>
internal static class SubmitCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var broker = new BrokerOption();
        var store = StoreOption.Create();
        var pipeline = SettingOption.Pipeline();
        var input = new Option<string>("--input")
        {
            Description = "The data set; hosts must see it under the same path.",
            HelpName = "PATH",
            Required = true,
        };
        var options = new RunOptions();
        var plugins = new PluginOptions();
        var models = new ModelsOption();
        var priority = RunCommand.Ranged(
            new Option<int?>("--priority")
            {
                Description = "The run's weight among the runs that a host serves, 1 to 100.",
                HelpName = "N",
                DefaultValueFactory = _ => RunSubmitter.DefaultPriority,
            },
            1,
            100
        );
        var wait = new Option<bool>("--wait") { Description = "Shows the run as it goes, until its end; Ctrl-C leaves it running." };
        var plain = new Option<bool>("--plain") { Description = "With --wait: lines instead of a live table." };
        var command = new Command("submit", "Hands a run to the hosts; its id is printed last.")
        {
            pipeline,
            input,
            store,
            priority,
            wait,
            plain,
        };
        options.AddTo(command);
        plugins.AddTo(command);
        models.AddTo(command);
        broker.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var output = parsed.InvocationConfiguration.Output;
                await using var folder = await PluginOptions.OpenAsync(plugins.Read(parsed), output.WriteLine, stop);
                var asked = new RunSettings
                {
                    Pipeline = parsed.GetRequiredValue(pipeline),
                    Input = parsed.GetRequiredValue(input),
                    Output = parsed.GetRequiredValue(store),
                    Seed = parsed.GetValue(options.Seed),
                    Limit = parsed.GetValue(options.Limit),
                    Sets = parsed.GetRequiredValue(options.Settings),
                    MaxFailedPercent = parsed.GetValue(options.MaxFailed) ?? RunCommand.DefaultMaxFailedPercent,
                    Verify = parsed.GetValue(options.Verify),
                    Models = models.Open(parsed),
                    Plugins = folder,
                };
                var cluster = StoreOption.Open(parsed, store, folder);
                Submission submission;
                await using (var transport = await broker.ConnectAsync(parsed, stop))
                {
                    var weight = parsed.GetValue(priority) ?? RunSubmitter.DefaultPriority;
                    submission = await new RunSubmitter(cluster, transport).SubmitAsync(asked, weight, stop);
                }

                var code = ExitCode.Done;
                if (parsed.GetValue(wait))
                {
                    code = await WaitAsync(cluster, submission, parsed.GetValue(plain), output, stop);
                }
                else if (submission.Wanted == WantedState.Closed)
                {
                    await output.WriteLineAsync("Nothing has changed since the run was finished; nothing is to be done.");
                }

                await output.WriteLineAsync(submission.Run);
                return code;
            }
        );
        return command;
    }

    private static async Task<int> WaitAsync(
        ClusterStore cluster,
        Submission submission,
        bool plain,
        TextWriter output,
        CancellationToken stop
    )
    {
        SessionEnd end;
        using (var view = RunViews.Open(plain, AnsiConsole.Console, output, TimeProvider.System))
        {
            end = await RunWatch.EndAsync(cluster, submission, view, TimeProvider.System, stop);
        }

        return await RunHandlers.EndAsync(end, cluster.Output(submission.Run), output);
    }
}
