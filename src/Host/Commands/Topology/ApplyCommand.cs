using System.CommandLine;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Host.Commands.Topology;

/// <summary><c>pipeline apply</c>: shows how a pipeline file differs from what a run does, asks, and has the run do that.</summary>
internal static class ApplyCommand
{
    /// <summary>The command; a question is answered from <paramref name="confirmation"/>.</summary>
    public static Command Create(Confirmation confirmation)
    {
        var options = new ChangeOptions(isOption: false, requiresFrom: false);
        var file = new Argument<string>("PIPELINE") { Description = "The path of a YAML file: the pipeline as it is to be." };
        var yes = new Option<bool>("--yes") { Description = "Begins without asking." };
        var command = new Command("apply", "Shows what a pipeline file would change of a run that is going on, asks, and changes it.");
        options.AddTo(command);
        command.Add(file);
        command.Add(yes);
        command.SetAction(
            async (parsed, stop) =>
            {
                var (path, output) = (parsed.GetRequiredValue(file), parsed.InvocationConfiguration.Output);
                await using var change = await options.OpenAsync(parsed, stop);
                var (now, wanted) = (change.History.Pipeline, await ReadAsync(path, change.Catalog, stop));
                var difference = TopologyDifference.Of(now, wanted);
                foreach (var line in difference.Lines)
                {
                    await output.WriteLineAsync(line);
                }

                if (difference.Obstacles.Count > 0)
                {
                    throw new PipelineFileException(difference.Obstacles);
                }

                if (difference.IsNone)
                {
                    await output.WriteLineAsync($"The run does what {path} says; nothing is to be changed.");
                    return ExitCode.Done;
                }

                if (!parsed.GetValue(yes) && !await confirmation.AsksAsync("Change the run so?", output, stop))
                {
                    await output.WriteLineAsync("Nothing was done.");
                    return ExitCode.Done;
                }

                return await change.MakeAsync(
                    $"apply {path} ({difference.Sentence})",
                    then => then == now ? wanted : throw Overtaken(),
                    stop
                );
            }
        );
        return command;
    }

    private static async Task<PipelineDefinition> ReadAsync(string path, StageCatalog catalog, CancellationToken stop) =>
        File.Exists(path)
            ? PipelineFile.Read(await File.ReadAllTextAsync(path, stop), path, catalog, [])
            : throw new UsageException(
                $"{path} is no file; it must be a pipeline file. Begin with a copy of the pipeline.yaml in the run's output directory."
            );

    private static InvalidDataException Overtaken() =>
        new(
            "The run was changed by somebody else after the difference was shown; what you agreed to must be what is done. "
                + "Look at the new difference: give the command again."
        );
}
