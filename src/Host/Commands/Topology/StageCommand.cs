using System.CommandLine;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Host.Commands.Topology;

/// <summary><c>pipeline stage</c>: adds, removes, sets, pauses and resumes stages of a run that is going on.</summary>
internal static class StageCommand
{
    /// <summary>The command with those below it.</summary>
    public static Command Create() =>
        new("stage", "Changes the stages of a run while it goes on; nothing is restarted.") { Add(), Remove(), Set(), Pause(), Resume() };

    private static Command Add()
    {
        var name = Name("The new stage's name; its kind too, without --kind.");
        var after = new Option<string>("--after")
        {
            Description = "The stage that it follows.",
            HelpName = "STAGE",
            Required = true,
        };
        var before = new Option<string?>("--before")
        {
            Description =
                "A stage that directly follows that one, and is to follow the new one instead. Without it the new stage is a side branch.",
            HelpName = "STAGE",
        };
        var kind = new Option<string?>("--kind") { Description = "What it does; without it the kind of its name.", HelpName = "KIND" };
        var sets = new Option<string[]>("--set")
        {
            Description = "Sets one of its options, as strength=0.5; may be repeated.",
            HelpName = "OPTION=VALUE",
            DefaultValueFactory = _ => [],
        };
        var options = new ChangeOptions(isOption: true, requiresFrom: true);
        var command = new Command("add", "Adds a stage that works through rows: between two others, or as a side branch.")
        {
            name,
            after,
            before,
            kind,
            sets,
        };
        options.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var stage = parsed.GetRequiredValue(name);
                var addition = new StageAddition(
                    stage,
                    parsed.GetValue(kind) ?? stage,
                    parsed.GetRequiredValue(after),
                    parsed.GetValue(before),
                    parsed.GetRequiredValue(sets)
                );
                await using var change = await options.OpenAsync(parsed, stop);
                var place = addition.Before is null ? $"after {addition.After}" : $"after {addition.After}, before {addition.Before}";
                return await change.MakeAsync($"add {stage} {place}", now => TopologyEdit.Add(now, change.Catalog, addition), stop);
            }
        );
        return command;
    }

    private static Command Remove()
    {
        var name = Name("The stage to remove. What followed it follows what it followed; its shards stay.");
        var options = new ChangeOptions(isOption: true, requiresFrom: null);
        var command = new Command("remove", "Removes a stage whose columns no other reads, for batches that come from now on.") { name };
        options.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var stage = parsed.GetRequiredValue(name);
                await using var change = await options.OpenAsync(parsed, stop);
                return await change.MakeAsync($"remove {stage}", now => TopologyEdit.Remove(now, change.Catalog, stage), stop);
            }
        );
        return command;
    }

    private static Command Set()
    {
        var name = Name("The stage.");
        var sets = new Argument<string[]>("OPTION=VALUE")
        {
            Description = "What to set, as strength=0.5; one or more.",
            Arity = ArgumentArity.OneOrMore,
        };
        var options = new ChangeOptions(isOption: true, requiresFrom: false);
        var command = new Command("set", "Sets options of a stage that works through rows.") { name, sets };
        options.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var (stage, settings) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(sets));
                await using var change = await options.OpenAsync(parsed, stop);
                return await change.MakeAsync(
                    $"set {string.Join(", ", settings)} of {stage}",
                    now => TopologyEdit.Set(now, change.Catalog, stage, settings),
                    stop
                );
            }
        );
        return command;
    }

    private static Command Pause() =>
        Create(
            "pause",
            "A stage takes no batches; they wait in its queue, and the others go on.",
            (paused, stage) => [.. paused.Union([stage], StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            "is paused; its batches wait"
        );

    private static Command Resume() =>
        Create(
            "resume",
            "A paused stage takes batches again.",
            (paused, stage) => [.. paused.Where(other => other != stage)],
            "takes batches again"
        );

    private static Command Create(
        string verb,
        string description,
        Func<IReadOnlyList<string>, string, IReadOnlyList<string>> edit,
        string told
    )
    {
        var name = Name("The stage; it must work through rows.");
        var options = new ChangeOptions(isOption: true, requiresFrom: null);
        var command = new Command(verb, description) { name };
        options.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var stage = parsed.GetRequiredValue(name);
                await using var change = await options.OpenAsync(parsed, stop);
                var wanted = new WantedChange(
                    $"{verb} {stage}",
                    change.From,
                    now =>
                    {
                        CheckPausable(now, verb, stage);
                        return (now.Pipeline, edit(now.Paused, stage));
                    }
                );
                return await change.MakeAsync(wanted, () => $"{stage} {told}", stop);
            }
        );
        return command;
    }

    private static void CheckPausable(TopologyStep now, string verb, string stage)
    {
        var rows = now.Pipeline.Stages.Where(TopologyHistory.IsRow).Select(other => other.Name).ToList();
        if (!rows.Contains(stage))
        {
            var found = now.Pipeline.Find(stage) is null ? "is no stage of the run" : "does not work through rows";
            throw new UsageException(
                $"{stage} {found}; the stage to {verb} must be one of {string.Join(", ", rows)}. Name one. A whole run: pipeline {verb} RUN"
            );
        }
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };
}
