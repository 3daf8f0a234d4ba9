using System.CommandLine;
using Pipeline.Stages.Failures;

namespace Pipeline.Host.Commands;

/// <summary>The options that choose among failed batches; a batch must pass all that are given.</summary>
internal sealed class FailureOptions
{
    private readonly Option<string[]> groups = new("--group")
    {
        Description = "Only failures of this group, as pipeline failed shows it; may be repeated.",
        HelpName = "ID",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> stage = new("--stage") { Description = "Only failures of this stage.", HelpName = "NAME" };
    private readonly Option<string?> kind = new("--kind") { Description = "Only failures with this type of error.", HelpName = "ERROR" };

    private readonly Option<int[]> batches = new("--batch")
    {
        Description = "Only this batch; may be repeated.",
        HelpName = "N",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(groups);
        command.Add(stage);
        command.Add(kind);
        command.Add(batches);
    }

    /// <summary>What was chosen.</summary>
    /// <exception cref="UsageException">The run has no such stage.</exception>
    public FailureSelection Read(ParseResult parsed, OpenRun run)
    {
        var named = parsed.GetValue(stage);
        var stages = named is null ? [] : run.Directory.ReadPipeline().Stages.Select(other => other.Name).ToList();
        return named is null || stages.Contains(named)
            ? new FailureSelection(parsed.GetRequiredValue(groups), named, parsed.GetValue(kind), parsed.GetRequiredValue(batches))
            : throw new UsageException($"--stage is '{named}'; it must be one of the run's stages: {string.Join(", ", stages)}. Name one.");
    }
}
