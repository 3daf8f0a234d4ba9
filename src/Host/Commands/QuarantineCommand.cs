using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pipeline.Host.Commands.Cluster;
using Pipeline.Host.View;
using Pipeline.Stages.Failures;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Cluster;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline quarantine</c>: a line for everything that was set aside; a page with pictures; tries it again.</summary>
internal static class QuarantineCommand
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web);

    /// <summary>The command; a question is answered from <paramref name="confirmation"/>.</summary>
    public static Command Create(Confirmation confirmation)
    {
        var target = new RunTarget();
        var plugins = new PluginOptions();
        var models = new ModelsOption();
        var broker = new BrokerOption(required: false);
        var stage = new Option<string?>("--stage") { Description = "Only what this stage set aside.", HelpName = "NAME" };
        var kind = new Option<string?>("--kind") { Description = "Only what was set aside for this kind of error.", HelpName = "ERROR" };
        var open = new Option<bool>("--open") { Description = "Writes a page with a picture of each, and says where it lies." };
        var resubmit = new Option<bool>("--resubmit") { Description = "Does the batches again in which these were; asks first." };
        var yes = new Option<bool>("--yes") { Description = "With --resubmit: begins without asking." };
        var plain = new Option<bool>("--plain") { Description = "With --resubmit: lines instead of a live table." };
        var command = new Command("quarantine", "Lists the samples that were set aside, and why; shows them; tries them again.")
        {
            stage,
            kind,
            open,
            resubmit,
            yes,
            plain,
        };
        target.AddTo(command);
        plugins.AddTo(command, serves: true);
        models.AddTo(command);
        broker.AddTo(command);
        command.SetAction(
            async (parsed, stop) =>
            {
                var (run, output) = (target.Open(parsed), parsed.InvocationConfiguration.Output);
                var rows = Read(run.Directory.Root)
                    .Where(row => (parsed.GetValue(stage) ?? row.Stage) == row.Stage && (parsed.GetValue(kind) ?? row.Kind) == row.Kind)
                    .ToList();
                if (rows.Count == 0)
                {
                    await output.WriteLineAsync("Nothing is in quarantine.");
                    return ExitCode.Done;
                }

                Print(rows, output);
                if (parsed.GetValue(open))
                {
                    await new QuarantinePage(run.Store, run.Id, run.InputRoot).WriteAsync(rows, stop);
                    await output.WriteLineAsync(
                        $"Next: open {RunSummary.Shown(Path.Combine(run.Directory.Root, QuarantinePage.Uri))} in a browser."
                    );
                }

                if (!parsed.GetValue(resubmit))
                {
                    return ExitCode.Done;
                }

                if (run.Cluster is not null && !broker.IsGiven(parsed))
                {
                    throw new UsageException("--store is given and --broker is not; hosts that serve the run must be told. Give --broker.");
                }

                var batches = rows.Select(row => (row.Stage, row.Batch)).Distinct().Count();
                if (
                    !parsed.GetValue(yes)
                    && !await confirmation.AsksAsync($"Do {Amounts.Count(batches)} batches again, in which these were?", output, stop)
                )
                {
                    await output.WriteLineAsync("Nothing was done.");
                    return ExitCode.Done;
                }

                var asked = string.Join(' ', parsed.Tokens.Select(token => token.Value));
                var resubmission = new Resubmission(run.Store, run.Id, TimeProvider.System);
                if (run.Cluster is not { } cluster)
                {
                    return await run.DoAgainAsync(
                        () => resubmission.OpenAsync(rows, asked, stop),
                        plugins.Read(parsed),
                        models.Open(parsed),
                        parsed.GetValue(plain),
                        output,
                        stop
                    );
                }

                await using var transport = await broker.ConnectAsync(parsed, stop);
                await new RunSubmitter(cluster, transport).OpenAgainAsync(run.Id, () => resubmission.OpenAsync(rows, asked, stop), stop);
                await output.WriteLineAsync($"With the hosts. Next: pipeline status {run.Shown}");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static void Print(List<QuarantineRow> rows, TextWriter output)
    {
        var table = new TextTable("stage", "batch", "sample", "variant", "kind", "uri", "message");
        foreach (var row in rows)
        {
            table.Add(
                row.Stage ?? "–",
                row.Batch.ToString(CultureInfo.InvariantCulture),
                row.SampleId ?? "–",
                row.VariantId ?? "–",
                row.Kind ?? "–",
                row.Uri ?? "–",
                row.Message ?? "–"
            );
        }

        table.Write(output);
        output.WriteLine($"{Amounts.Count(rows.Count)} in quarantine.");
    }

    /// <summary>Every row below <c>quarantine/</c>, by path and then as written.</summary>
    private static List<QuarantineRow> Read(string root)
    {
        var folder = Path.Combine(root, "quarantine");
        return Directory.Exists(folder)
            ?
            [
                .. Directory
                    .EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
                    .Where(path => !Path.GetFileName(path).StartsWith('.'))
                    .Order(StringComparer.Ordinal)
                    .SelectMany(Rows),
            ]
            : [];
    }

    private static QuarantineRow[] Rows(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<QuarantineRow[]>(File.ReadAllBytes(path), Form) ?? [];
        }
        catch (JsonException error)
        {
            throw new UsageException(
                $"{path} is not a list of quarantine rows: {error.Message} It must be as the run wrote it. Run the same command again."
            );
        }
    }
}
