using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Host.View;
using Pipeline.Stages.Failures;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline failed</c>: failed batches by their cause; <c>failed export</c> and <c>failed drop</c>.</summary>
internal static class FailedCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The command; a question is answered from <paramref name="confirmation"/>.</summary>
    public static Command Create(Confirmation confirmation)
    {
        var target = new RunTarget();
        var options = new FailureOptions();
        var json = new Option<bool>("--json") { Description = "Prints the groups as JSON, with every batch." };
        var command = new Command("failed", "Shows failed batches by their cause; each stands in its failed.json with the stack.") { json };
        target.AddTo(command);
        options.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var run = target.Open(parsed);
                var failed = await FailedBatch.ReadAllAsync(run.Store, run.Id, stop);
                var groups = FailureGroup.Of(failed.Where(options.Read(parsed, run).Means));
                Print(run, groups, failed.Count, parsed.GetValue(json), parsed.InvocationConfiguration.Output);
                return ExitCode.Done;
            }
        );
        command.Add(Export());
        command.Add(Drop(confirmation));
        return command;
    }

    private static Command Export()
    {
        var target = new RunTarget();
        var options = new FailureOptions();
        var file = new Argument<string>("FILE")
        {
            Description = "Is written, a JSON object a line: the whole record of each failed batch.",
        };
        var command = new Command("export", "Writes the records of failed batches into one file.");
        target.AddTo(command);
        command.Add(file);
        options.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var run = target.Open(parsed);
                var chosen = (await FailedBatch.ReadAllAsync(run.Store, run.Id, stop)).Where(options.Read(parsed, run).Means).ToList();
                var path = parsed.GetRequiredValue(file);
                await File.WriteAllLinesAsync(
                    path,
                    chosen.Select(batch =>
                        JsonSerializer.Serialize(
                            new
                            {
                                batch.Group,
                                batch.Record,
                                Dropped = batch.IsDropped,
                                Replay = batch.Claim?.Replay,
                            },
                            JsonSerializerOptions.Web
                        )
                    ),
                    stop
                );
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"{Batches(chosen.Count)} written to {path}.");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Drop(Confirmation confirmation)
    {
        var target = new RunTarget();
        var options = new FailureOptions();
        var yes = new Option<bool>("--yes") { Description = "Gives up without asking." };
        var command = new Command("drop", "Gives failed batches up: they stay failed, and are neither shown as open nor tried again.")
        {
            yes,
        };
        target.AddTo(command);
        options.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var (run, output) = (target.Open(parsed), parsed.InvocationConfiguration.Output);
                var replay = new Replay(run.Store, run.Id, TimeProvider.System);
                var open = (await replay.ChooseAsync(options.Read(parsed, run), stop)).Where(batch => batch.Claim is null).ToList();
                if (open.Count == 0)
                {
                    await output.WriteLineAsync("No failed batch is meant that is not given up or being tried again.");
                    return ExitCode.Done;
                }

                if (!parsed.GetValue(yes) && !await confirmation.AsksAsync($"Give {Batches(open.Count)} up?", output, stop))
                {
                    await output.WriteLineAsync("Nothing was given up.");
                    return ExitCode.Done;
                }

                var asked = string.Join(' ', parsed.Tokens.Select(token => token.Value));
                var dropped = await replay.ClaimAsync(open, new ReplayRequest(asked, Drop: true, [], null), _ => { }, stop);
                await output.WriteLineAsync($"{Batches(dropped.Count)} given up.");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static void Print(OpenRun run, IReadOnlyList<FailureGroup> groups, int all, bool json, TextWriter output)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(groups.Select(Shape), Json));
            return;
        }

        if (groups.Count == 0)
        {
            output.WriteLine(
                all == 0 ? "No batch is failed." : $"None of the {Amounts.Count(all)} failed batches is meant. Leave an option out."
            );
            return;
        }

        var table = new TextTable("group", "stage", "error", "batches", "open", "first", "last", "hosts", "message");
        foreach (var group in groups)
        {
            table.Add(
                group.Id,
                group.Stage,
                group.Kind,
                Amounts.Count(group.Batches.Count),
                Amounts.Count(group.Batches.Count(batch => batch.Claim is null)),
                Time(group.First),
                Time(group.Last),
                string.Join(", ", group.Hosts),
                group.Pattern
            );
        }

        table.Write(output);
        foreach (var group in groups)
        {
            output.WriteLine($"\n{group.Id}, the last of them, with its stack: {Path.Combine(run.Directory.Root, group.Example.Uri)}");
            output.WriteLine($"  {TextTable.Clean(group.Example.Record.Message)}");
            output.WriteLine(
                $"  settings: {string.Join(", ", group.Example.Record.Options.Select(option => $"{option.Key}={option.Value}"))}"
            );
        }

        var next = groups.FirstOrDefault(group => group.Batches.Any(batch => batch.Claim is null));
        if (next is not null)
        {
            output.WriteLine($"\nNext: mend the cause, then: pipeline replay {run.Shown} --group {next.Id}");
        }
    }

    private static object Shape(FailureGroup group) =>
        new
        {
            Group = group.Id,
            group.Stage,
            Error = group.Kind,
            Message = group.Pattern,
            Count = group.Batches.Count,
            group.First,
            group.Last,
            group.Hosts,
            Example = group.Example.Uri,
            Batches = group.Batches.Select(batch => new
            {
                batch.Record.Batch,
                batch.Record.Attempts,
                batch.Record.Message,
                batch.Record.Fingerprint,
                batch.Record.Options,
                batch.Record.First,
                batch.Record.Last,
                batch.Record.Host,
                batch.Uri,
                Dropped = batch.IsDropped,
                Replay = batch.Claim?.Replay,
            }),
        };

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Batches(int count) => count == 1 ? "1 batch" : $"{Amounts.Count(count)} batches";
}
