using System.CommandLine;
using Pipeline.Host.Commands.Cluster;
using Pipeline.Host.View;
using Pipeline.Stages.Failures;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline replay</c>: tries failed batches again, each once, whoever asks at the same time; the others stay failed.</summary>
internal static class ReplayCommand
{
    /// <summary>The command; a question is answered from <paramref name="confirmation"/>.</summary>
    public static Command Create(Confirmation confirmation)
    {
        var target = new RunTarget();
        var plugins = new PluginOptions();
        var models = new ModelsOption();
        var options = new FailureOptions();
        var broker = new BrokerOption(required: false);
        var settings = SettingOption.Create();
        var rate = RunCommand.Ranged(
            new Option<double?>("--rate") { Description = "Batches a second at the most, 0.01 to 100,000.", HelpName = "N" },
            0.01,
            100_000
        );
        var dryRun = new Option<bool>("--dry-run") { Description = "Shows what would be done; does nothing." };
        var yes = new Option<bool>("--yes") { Description = "Begins without asking." };
        var plain = new Option<bool>("--plain") { Description = "Lines instead of a live table." };
        var command = new Command("replay", "Tries failed batches again; without --group, --stage, --kind or --batch all of them.")
        {
            settings,
            rate,
            dryRun,
            yes,
            plain,
        };
        target.AddTo(command);
        plugins.AddTo(command, serves: true);
        models.AddTo(command);
        options.AddTo(command);
        broker.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var (run, output) = (target.Open(parsed), parsed.InvocationConfiguration.Output);
                if (run.Cluster is not null && !broker.IsGiven(parsed))
                {
                    throw new UsageException("--store is given and --broker is not; hosts that serve the run must be told. Give --broker.");
                }

                var request = new ReplayRequest(
                    string.Join(' ', parsed.Tokens.Select(token => token.Value)),
                    Drop: false,
                    parsed.GetRequiredValue(settings),
                    parsed.GetValue(rate)
                );
                var replay = new Replay(run.Store, run.Id, TimeProvider.System);
                var chosen = await replay.ChooseAsync(options.Read(parsed, run), stop);
                var pipeline = run.Directory.ReadPipeline();
                CheckSets(pipeline, run.Directory.Kinds, request.Sets, chosen);
                if (chosen.Count == 0 && run.Cluster is null && run.Directory.State == "interrupted")
                {
                    await output.WriteLineAsync("No failed batch is left; the run was interrupted and goes on.");
                    return await run.DoAgainAsync(
                        () => Task.CompletedTask,
                        plugins.Read(parsed),
                        models.Open(parsed),
                        parsed.GetValue(plain),
                        output,
                        stop
                    );
                }

                if (chosen.Count == 0)
                {
                    await output.WriteLineAsync($"No failed batch is meant. See: pipeline failed {run.Shown}");
                    return ExitCode.Done;
                }

                await ShowAsync(pipeline, chosen, request, output);
                if (
                    parsed.GetValue(dryRun)
                    || (!parsed.GetValue(yes) && !await confirmation.AsksAsync("Try these batches again?", output, stop))
                )
                {
                    await output.WriteLineAsync("Nothing was done.");
                    return ExitCode.Done;
                }

                if (run.Cluster is { } cluster)
                {
                    await using var transport = await broker.ConnectAsync(parsed, stop);
                    return await OnHostsAsync(run, new RunSubmitter(cluster, transport), replay, chosen, request, output, stop);
                }

                return await run.DoAgainAsync(
                    async () =>
                    {
                        var own = await replay.ClaimAsync(chosen, request, _ => { }, stop);
                        await output.WriteLineAsync($"{Amounts.Count(own.Count)} claimed; they are done now.");
                    },
                    plugins.Read(parsed),
                    models.Open(parsed),
                    parsed.GetValue(plain),
                    output,
                    stop
                );
            }
        );
        return command;
    }

    /// <summary>Claims the batches and hands them to the hosts.</summary>
    private static async Task<int> OnHostsAsync(
        OpenRun run,
        RunSubmitter submitter,
        Replay replay,
        IReadOnlyList<FailedBatch> chosen,
        ReplayRequest request,
        TextWriter output,
        CancellationToken stop
    )
    {
        var own = await replay.ClaimAsync(chosen, request, _ => { }, stop);
        // What an earlier command claimed and could not hand over is handed over by this one.
        var claimed = chosen.Where(batch => batch.Claim is not null).Concat(own).ToList();
        var submission = await submitter.ReplayAsync(run.Id, claimed, _ => { }, stop);
        await output.WriteLineAsync(
            $"{Amounts.Count(own.Count)} claimed, {Amounts.Count(claimed.Count)} with the hosts"
                + (
                    submission.Wanted == WantedState.Paused
                        ? $"; the run is paused. Next: pipeline resume {run.Shown}"
                        : $". Next: pipeline status {run.Shown}"
                )
        );
        return ExitCode.Done;
    }

    private static async Task ShowAsync(
        PipelineDefinition pipeline,
        IReadOnlyList<FailedBatch> chosen,
        ReplayRequest request,
        TextWriter output
    )
    {
        var table = new TextTable("stage", "batches", "begun by an earlier replay", "then");
        foreach (var stage in chosen.GroupBy(batch => batch.Record.Stage, StringComparer.Ordinal))
        {
            var after = pipeline.Stages.Where(other => pipeline.Upstream(other.Name).Contains(stage.Key, StringComparer.Ordinal));
            table.Add(
                stage.Key,
                Amounts.Count(stage.Count()),
                Amounts.Count(stage.Count(batch => batch.Claim is not null)),
                string.Join(", ", after.Select(other => other.Name))
            );
        }

        table.Write(output);
        if (request.Sets.Count > 0)
        {
            await output.WriteLineAsync($"with {string.Join(", ", request.Sets)}");
        }
    }

    /// <summary>A setting of a stage that is not replayed would be kept for nothing.</summary>
    private static void CheckSets(
        PipelineDefinition pipeline,
        StageCatalog kinds,
        IReadOnlyList<string> sets,
        IReadOnlyList<FailedBatch> chosen
    )
    {
        foreach (var set in sets)
        {
            var stage = set[..set.IndexOf('.', StringComparison.Ordinal)];
            if (!chosen.Any(batch => batch.Record.Stage == stage))
            {
                throw new UsageException(
                    $"--set is '{set}', and no batch of {stage} is replayed; it must be a setting of a stage that is. Choose batches of {stage}, or leave the setting out."
                );
            }
        }

        _ = PipelineFile.Read(PipelineFile.Write(pipeline), "the run's pipeline with --set", kinds, sets);
    }
}
