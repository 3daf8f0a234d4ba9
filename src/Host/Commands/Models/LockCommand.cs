using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Models.Hub;

namespace Pipeline.Host.Commands.Models;

/// <summary><c>pipeline models lock</c>: notes what a pipeline's models are now.</summary>
internal static class LockCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var pipeline = new PipelineModels();
        var models = new ModelsOption();
        var command = new Command(
            "lock",
            $"Writes {ModelLock.FileName} beside a pipeline file: its models as they are on this machine now. From then on a run takes no others."
        );
        pipeline.AddTo(command, required: true);
        models.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var output = parsed.InvocationConfiguration.Output;
                var library = models.Open(parsed);
                if (await pipeline.ReadAsync(parsed, output, stop) is not { } file)
                {
                    throw new UsageException("--file is missing; it must name a pipeline file. Give it.");
                }

                var missing = file.Names.Where(name => library.TryFind(name) is null).ToList();
                if (missing.Count > 0)
                {
                    throw new UsageException(library.Missing(missing));
                }

                file.Lock(library);
                await output.WriteLineAsync(
                    $"locked  {Amounts.Count(file.Names.Count)} {(file.Names.Count == 1 ? "model" : "models")} in {RunSummary.Shown(file.LockPath)}"
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
