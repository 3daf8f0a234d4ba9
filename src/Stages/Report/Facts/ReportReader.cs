using System.Globalization;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Report.Facts;

/// <summary>Gathers a report from a run's files, a batch at a time.</summary>
/// <param name="source">The run.</param>
/// <param name="choose">Is given every edit that may be shown: none that the safety check flagged.</param>
internal sealed class ReportReader(ReportSource source, Action<JudgedEdit> choose)
{
    private readonly RunShards shards = new(source.Store, source.Run);
    private readonly EditTally edits = new();
    private readonly SortedDictionary<(string Split, int Label), (string Class, int Count)> data = new(
        Comparer<(string Split, int Label)>.Create(
            (one, two) => one.Split == two.Split ? one.Label.CompareTo(two.Label) : string.CompareOrdinal(one.Split, two.Split)
        )
    );

    private IReadOnlyList<string> descriptions = [];
    private UInt128 content;
    private int edited;

    /// <summary>The facts. Every edit has been shown to those who choose then.</summary>
    public async Task<RunReport> ReadAsync(IReadOnlyList<RunAccount> accounts, CancellationToken stop)
    {
        descriptions = await DescriptionsAsync(stop);
        var chosen = await ChosenAsync(stop);
        var withEdits = (await shards.BatchesAsync("edit", stop)).ToHashSet();
        var checks = new CheckReader(source, shards);
        await foreach (var (batch, rows) in shards.ReadAllAsync<CheckedSample>("ingest", stop))
        {
            foreach (var row in rows)
                Count(row);
            var stopped = checks.Any ? await checks.AddAsync(batch, rows, stop) : null;
            if (withEdits.Contains(batch))
                await AddEditsAsync(batch, rows, chosen, checks.JudgesEdits ? stopped : null, stop);
        }

        var scores = await TrainingFiles.ScoresAsync(source, stop);
        return new RunReport
        {
            Pipeline = source.Pipeline.Name,
            Seed = source.Seed,
            Options = Options(source.Pipeline),
            DataContent = content.ToString("x32", CultureInfo.InvariantCulture),
            Data = [.. data.Select(cell => new SplitCount(cell.Key.Split, cell.Value.Class, cell.Value.Count))],
            Edited = edited,
            Classes = edits.Classes,
            Prompts = edits.Prompts,
            Scores = edits.Scores,
            Metrics = scores,
            Checks = await checks.ReadAsync(stop),
            Curves = await TrainingFiles.CurvesAsync(source, scores, stop),
            Accounts =
            [
                .. accounts.Select(account => new AccountRow(
                    account.Of,
                    account.In,
                    account.Kept,
                    new SortedDictionary<string, long>(account.Dropped.ToDictionary(), StringComparer.Ordinal),
                    account.Quarantined,
                    account.Failed
                )),
            ],
        };
    }

    private static SortedDictionary<string, string> Options(PipelineDefinition pipeline) =>
        new(
            pipeline
                .Stages.Where(stage => stage.Kind is not ReportKind)
                .SelectMany(stage =>
                    StageOption
                        .Of(stage.Options)
                        .Select(option => KeyValuePair.Create($"{stage.Name}.{option.Name}", OptionValue.Text(option.Get(stage.Options))))
                )
                .ToDictionary(),
            StringComparer.Ordinal
        );

    private void Count(CheckedSample row)
    {
        var key = (row.Split, row.Label);
        data[key] = (row.LabelName, data.GetValueOrDefault(key).Count + 1);
        // A sum does not depend on the order, and holds no id.
        content = unchecked(content + UInt128.Parse(row.SampleId, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private async Task AddEditsAsync(
        int batch,
        IReadOnlyList<CheckedSample> samples,
        HashSet<string>? chosen,
        StoppedEdits? stopped,
        CancellationToken stop
    )
    {
        var bySample = samples.DistinctBy(row => row.SampleId).ToDictionary(row => row.SampleId, StringComparer.Ordinal);
        var verdicts = await VerdictsAsync(batch, stop);
        var rows = await shards.ReadAsync<EditRow>("edit", batch, stop);
        edited += rows.Select(row => row.SampleId).Distinct(StringComparer.Ordinal).Count();
        foreach (var row in rows)
        {
            var sample = bySample[row.SampleId];
            var verdict = verdicts.GetValueOrDefault(row.VariantId);
            var edit = new JudgedEdit(
                batch,
                row.SampleId,
                row.VariantId,
                sample.Label,
                sample.LabelName,
                row.PromptIndex,
                row.PromptIndex < descriptions.Count ? descriptions[row.PromptIndex] : row.Prompt,
                row.Prompt,
                verdict?.Verdict,
                verdict?.Confidence ?? 0,
                verdict?.Threshold ?? 0,
                chosen?.Contains(row.VariantId)
            )
            {
                Stopped = stopped?.All.Contains(row.VariantId),
            };
            edits.Add(edit);
            if (stopped?.Flagged.Contains(row.VariantId) != true)
                choose(edit);
        }
    }

    private async Task<Dictionary<string, VerdictRow>> VerdictsAsync(int batch, CancellationToken stop) =>
        await shards.RowsAsync("filter", batch, stop) == 0
            ? []
            : (await shards.ReadAsync<VerdictRow>("filter", batch, stop))
                .DistinctBy(row => row.VariantId)
                .ToDictionary(row => row.VariantId, StringComparer.Ordinal);

    /// <summary>What edits were made by, in the order of their indices: the prompts that were set, or else the artifact that was made.</summary>
    private async Task<IReadOnlyList<string>> DescriptionsAsync(CancellationToken stop)
    {
        var edit = source.Pipeline.Stages.FirstOrDefault(stage => stage.Name == "edit")?.Options;
        var option = edit is null ? null : StageOption.Find(edit, "prompts");
        if (edit is not null && option?.Get(edit) is IReadOnlyList<string> { Count: > 0 } prompts)
            return prompts;
        var maker = source.Pipeline.Stages.FirstOrDefault(stage => stage.Kind.Makes == "domains")?.Name;
        return await JsonFile.ReadAsync<string[]>(source.Store, $"runs/{source.Run}/{maker}/domains.json", stop) ?? [];
    }

    /// <summary>The edits of the training set; null where the pipeline selects none.</summary>
    private async Task<HashSet<string>?> ChosenAsync(CancellationToken stop)
    {
        HashSet<string>? chosen = null;
        await foreach (var (_, rows) in shards.ReadAllAsync<ChosenRow>("select", stop))
        {
            chosen ??= new HashSet<string>(StringComparer.Ordinal);
            chosen.UnionWith(rows.Select(row => row.VariantId));
        }

        return chosen;
    }

    private sealed record EditRow(string SampleId, string VariantId, string Prompt, int PromptIndex);

    private sealed record VerdictRow(string VariantId, string Verdict, float Confidence, float Threshold);

    private sealed record ChosenRow(string VariantId);
}
