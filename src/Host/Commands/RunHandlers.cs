using Pipeline.Host.View;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Spectre.Console;

namespace Pipeline.Host.Commands;

/// <summary>What <c>run</c>, <c>validate</c> and <c>presets</c> do.</summary>
internal static class RunHandlers
{
    public static async Task<int> RunAsync(RunRequest request, TextWriter output, CancellationToken stop)
    {
        var lines = new HeldLines(output);
        await using var plugins = await PluginOptions.OpenAsync(request.Plugins, lines.Write, stop);
        var settings = new RunSettings
        {
            Pipeline = request.Pipeline,
            Input = request.Input,
            Output = request.Output,
            Seed = request.Seed,
            Limit = request.Limit,
            Sets = request.Settings,
            MaxFailedPercent = request.MaxFailedPercent,
            Follow = request.Follow,
            Verify = request.Verify,
            Child = IsolatedCommand.Program() with { Said = lines.Write },
            Offline = request.Offline,
            Models = request.Models,
            Plugins = plugins,
        };
        if (request.DryRun)
        {
            await DryRun.PrintAsync(settings, output, TimeProvider.System, stop);
            return ExitCode.Done;
        }

        SessionEnd end;
        lines.Hold();
        using (var view = RunViews.Open(request.Plain, AnsiConsole.Console, output, TimeProvider.System))
        {
            end = await RunSession.RunAsync(settings, view, TimeProvider.System, stop);
        }

        lines.Release();
        return await EndAsync(end, request.Output, output);
    }

    /// <summary>Prints what the run came to; gives the exit code.</summary>
    internal static async Task<int> EndAsync(SessionEnd end, string directory, TextWriter output)
    {
        await RunSummary.PrintAsync(end, Path.GetFullPath(directory), output);
        return end.Fault is null && end.FailedBatches == 0 ? ExitCode.Done : ExitCode.FailedBatches;
    }

    public static async Task<int> ValidateAsync(ValidateRequest request, TextWriter output, CancellationToken stop)
    {
        await using var plugins = await PluginOptions.OpenAsync(request.Plugins, output.WriteLine, stop);
        var pipeline = RunSession.Read(request.Pipeline, request.Settings, plugins?.Catalog);
        RunModels.Of(pipeline, request.Models, request.Pipeline);
        await output.WriteLineAsync(
            $"{request.Pipeline} is a good pipeline: {string.Join(" → ", pipeline.Stages.Select(stage => stage.Name))}"
        );
        return ExitCode.Done;
    }

    public static async Task<int> PresetsAsync(TextWriter output, CancellationToken stop)
    {
        foreach (var preset in Presets.All)
        {
            await output.WriteLineAsync($"{preset.Name, -10} {preset.Description}");
        }

        return ExitCode.Done;
    }
}
