using System.Text.Json;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Report.Facts;

/// <summary>The edits of a batch that a check beside the confidence filter stops.</summary>
/// <param name="All">Those that any stops.</param>
/// <param name="Flagged">Those that should not be shown.</param>
internal sealed record StoppedEdits(IReadOnlySet<string> All, IReadOnlySet<string> Flagged);

/// <summary>Gathers what the checks beside the confidence filter said, a batch at a time.</summary>
internal sealed class CheckReader
{
    private const string Keep = "keep";
    private const string Safety = "safety";
    private const string SafetyOriginals = "safety-originals";
    private const string SemanticOriginals = "semantic-originals";
    private const string Duplicates = "duplicates";
    private const string Rank = "giqa";

    private readonly ReportSource source;
    private readonly RunShards shards;
    private readonly List<string> perBatch;
    private readonly List<string> perRun;
    private readonly Dictionary<string, (int Judged, SortedDictionary<string, int> Reasons)> edits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> ofRun = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, FlagRow> flags = [];
    private int judged;
    private int refused;

    public CheckReader(ReportSource source, RunShards shards)
    {
        (this.source, this.shards) = (source, shards);
        perBatch = [.. Stages("safety", "semantic", "quality")];
        perRun = [.. Stages(Duplicates, Rank)];
        foreach (var stage in perBatch.Concat(perRun))
        {
            edits[stage] = (0, new SortedDictionary<string, int>(StringComparer.Ordinal));
        }
    }

    /// <summary>Whether the pipeline has any such stage.</summary>
    public bool Any => edits.Count > 0 || Has(SafetyOriginals) || Has(SemanticOriginals);

    /// <summary>Whether any stage but the confidence filter judges edits.</summary>
    public bool JudgesEdits => edits.Count > 0;

    /// <summary>Takes a batch.</summary>
    /// <param name="batch">Its index.</param>
    /// <param name="samples">Its samples.</param>
    /// <param name="stop">Ends the reading.</param>
    public async Task<StoppedEdits> AddAsync(int batch, IReadOnlyList<CheckedSample> samples, CancellationToken stop)
    {
        var bySample = samples.DistinctBy(sample => sample.SampleId).ToDictionary(sample => sample.SampleId, StringComparer.Ordinal);
        var (stopped, flagged) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var stage in perBatch)
        {
            foreach (var row in await RowsAsync<VerdictRow>(stage, batch, stop))
            {
                Count(stage, row.Verdict);
                if (row.Verdict != Keep)
                    stopped.Add(row.VariantId);
                if (stage != Safety)
                    continue;
                Flag(bySample[row.SampleId], edit: true, row.Verdict != Keep);
                if (row.Verdict != Keep)
                    flagged.Add(row.VariantId);
            }
        }

        foreach (var row in Has(SafetyOriginals) ? await RowsAsync<FlaggedRow>(SafetyOriginals, batch, stop) : [])
            Flag(bySample[row.SampleId], edit: false, row.Flagged);
        foreach (var row in Has(SemanticOriginals) ? await RowsAsync<PassesRow>(SemanticOriginals, batch, stop) : [])
        {
            var isTraining = bySample[row.SampleId].Split == "train";
            judged += isTraining ? 1 : 0;
            refused += isTraining && !row.Passes ? 1 : 0;
        }

        foreach (var stage in perRun)
            stopped.UnionWith((await OfRunAsync(stage, stop)).Where(row => row.Value != Keep).Select(row => row.Key));
        return new StoppedEdits(stopped, flagged);
    }

    /// <summary>The facts, when every batch was taken; null where the pipeline has no such stage.</summary>
    public async Task<ChecksReport?> ReadAsync(CancellationToken stop)
    {
        if (!Any)
            return null;
        var duplicates = await FactsAsync<DuplicateFigures>(Duplicates, "duplicates.json", stop);
        var rank = await FactsAsync<RankFigures>(Rank, "giqa.json", stop);
        foreach (var stage in perRun)
        {
            foreach (var verdict in (await OfRunAsync(stage, stop)).Values)
                Count(stage, verdict);
        }

        // The search writes only what looks like something else; it looked at every edit that was hashed.
        if (edits.TryGetValue(Duplicates, out var found))
            edits[Duplicates] = ((int)await shards.RowsAsync("hash-edits", stop), found.Reasons);
        return new ChecksReport
        {
            Edits =
            [
                .. source
                    .Pipeline.Stages.Where(stage => edits.ContainsKey(stage.Name))
                    .Select(stage => new CheckRow(stage.Name, edits[stage.Name].Judged, edits[stage.Name].Reasons)),
            ],
            Flags = [.. flags.Values],
            Health = Has(SemanticOriginals) ? new HealthFigure(SemanticOriginals, judged, refused) : null,
            Duplicates = Has(Duplicates) ? duplicates : null,
            Rank = Has(Rank) ? rank : null,
        };
    }

    /// <summary>What a stage left beside its shard; null when it left nothing.</summary>
    private Task<T?> FactsAsync<T>(string stage, string file, CancellationToken stop)
        where T : class => JsonFile.ReadAsync<T>(source.Store, $"runs/{source.Run}/{stage}/{file}", stop, JsonSerializerOptions.Web);

    private bool Has(string name) => source.Pipeline.Find(name) is not null;

    private IEnumerable<string> Stages(params string[] names) => names.Where(Has);

    private async Task<IReadOnlyList<T>> RowsAsync<T>(string stage, int batch, CancellationToken stop)
        where T : notnull => await shards.HasAsync(stage, batch, stop) ? await shards.ReadAsync<T>(stage, batch, stop) : [];

    private async Task<Dictionary<string, string>> OfRunAsync(string stage, CancellationToken stop)
    {
        if (!ofRun.TryGetValue(stage, out var verdicts))
        {
            verdicts = new(StringComparer.Ordinal);
            foreach (var row in await RowsAsync<RunVerdictRow>(stage, 0, stop))
            {
                if (row.VariantId is { } variant)
                    verdicts[variant] = row.Verdict;
            }

            ofRun[stage] = verdicts;
        }

        return verdicts;
    }

    private void Count(string stage, string verdict)
    {
        var (count, reasons) = edits[stage];
        if (verdict != Keep)
            reasons[verdict] = reasons.GetValueOrDefault(verdict) + 1;
        edits[stage] = (count + 1, reasons);
    }

    private void Flag(CheckedSample sample, bool edit, bool isFlagged)
    {
        var row = flags.GetValueOrDefault(sample.Label) ?? new FlagRow(sample.LabelName, 0, 0, 0, 0);
        var flagged = isFlagged ? 1 : 0;
        flags[sample.Label] = edit
            ? row with
            {
                Edits = row.Edits + 1,
                EditsFlagged = row.EditsFlagged + flagged,
            }
            : row with
            {
                Originals = row.Originals + 1,
                OriginalsFlagged = row.OriginalsFlagged + flagged,
            };
    }

    private sealed record VerdictRow(string SampleId, string VariantId, string Verdict);

    private sealed record RunVerdictRow(string? VariantId, string Verdict);

    private sealed record FlaggedRow(string SampleId, bool Flagged);

    private sealed record PassesRow(string SampleId, bool Passes);
}

/// <summary>A sample as the checks are counted by.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Label">Its class.</param>
/// <param name="LabelName">Name of its class.</param>
/// <param name="Split">Its split.</param>
internal sealed record CheckedSample(string SampleId, int Label, string LabelName, string Split);
