using System.Globalization;
using Pipeline.Models.Training;

namespace Pipeline.Stages.Select;

/// <summary>Chooses edits as ALIA mixes them in: those that the filter kept, so many of one source, so many of one class.</summary>
/// <remarks>Every choice is by a hash of run seed, id and purpose, ties by variant id; the order of the candidates changes nothing.</remarks>
public static class EditSelection
{
    private const string Keep = "keep";
    private const string TrainSplit = "train";

    /// <summary>Selects edits, and gives each candidate that is not selected one reason.</summary>
    /// <param name="candidates">Every edit of the run with its verdict, in any order.</param>
    /// <param name="options">Checked settings.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="classCounts">Samples of each class, by the split's name; a number as quota needs <c>train</c>, <c>match:SPLIT</c> needs that split.</param>
    /// <exception cref="ArgumentException">A variant id is there twice, a verdict is unknown, or the quota does not fit the splits.</exception>
    public static SelectionResult Choose(
        IEnumerable<Candidate> candidates,
        SelectOptions options,
        ulong seed,
        IReadOnlyDictionary<string, IReadOnlyDictionary<int, int>> classCounts
    )
    {
        var sorted = Sorted(candidates);
        var dropped = DropReasons.Always.ToDictionary(reason => reason, _ => 0, StringComparer.Ordinal);
        var eligible = new List<Candidate>();
        foreach (var candidate in sorted)
        {
            if (Unfit(candidate, options) is { } reason)
                dropped[reason] = dropped.GetValueOrDefault(reason) + 1;
            else
                eligible.Add(candidate);
        }

        var chosen = eligible
            .GroupBy(candidate => candidate.SampleId, StringComparer.Ordinal)
            .SelectMany(edits => OfSource(edits, options, seed))
            .ToList();
        dropped[DropReasons.OtherEditChosen] = eligible.Count - chosen.Count;

        var wanted = Wanted(options, sorted, classCounts);
        if (wanted is null)
            return new SelectionResult(Rows(chosen), [], dropped);
        var selected = new List<Candidate>();
        var shortfalls = new List<Shortfall>();
        var byClass = chosen.ToLookup(candidate => candidate.Label);
        foreach (var (label, count) in wanted)
        {
            var taken = ByHash(byClass[label], seed, "select.quota").Take(count).ToList();
            selected.AddRange(taken);
            if (taken.Count == count)
                continue;
            shortfalls.Add(new Shortfall(label, count, taken.Count));
            if (options.Replacement && taken.Count > 0)
                selected.AddRange(Drawn(taken, count - taken.Count, seed, label));
        }

        dropped[DropReasons.OverQuota] = chosen.Count - selected.Distinct().Count();
        return new SelectionResult(Rows(selected), shortfalls, dropped);
    }

    private static List<Candidate> Sorted(IEnumerable<Candidate> candidates)
    {
        var sorted = candidates.OrderBy(candidate => candidate.VariantId, StringComparer.Ordinal).ToList();
        for (var i = 1; i < sorted.Count; i++)
        {
            if (sorted[i].VariantId == sorted[i - 1].VariantId)
                throw new ArgumentException(
                    $"The variant {sorted[i].VariantId} is there twice; each must be there once. Read each edit shard once.",
                    nameof(candidates)
                );
        }

        return sorted;
    }

    /// <summary>The reason of one edit that is not among the selected ones, from the edits of its source alone.</summary>
    /// <param name="candidate">The edit.</param>
    /// <param name="ofSource">Every edit of its source, itself too.</param>
    /// <param name="options">The settings of the selection.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>One of <see cref="DropReasons.All"/>.</returns>
    public static string ReasonOf(Candidate candidate, IEnumerable<Candidate> ofSource, SelectOptions options, ulong seed) =>
        Unfit(candidate, options)
        ?? (
            OfSource(ofSource.Where(edit => Unfit(edit, options) is null), options, seed).Contains(candidate)
                ? DropReasons.OverQuota
                : DropReasons.OtherEditChosen
        );

    private static IEnumerable<Candidate> OfSource(IEnumerable<Candidate> edits, SelectOptions options, ulong seed) =>
        ByHash(edits, seed, "select.edit").Take(options.PerSource);

    /// <summary>Why an edit cannot be chosen, whatever the others are like; null when it can.</summary>
    private static string? Unfit(Candidate candidate, SelectOptions options) =>
        candidate.Verdict switch
        {
            Keep => options.VariantZeroOnly && candidate.Variant != 0 ? DropReasons.NotFirstVariant : null,
            _ => DropReasons.Verdicts.Contains(candidate.Verdict)
                ? candidate.Verdict
                : throw new ArgumentException(
                    $"The verdict on variant {candidate.VariantId} is '{candidate.Verdict}'; it must be {Keep} or one of {string.Join(", ", DropReasons.Verdicts)}. Check the shards of the stages that judge edits."
                ),
        };

    /// <summary>Edits wanted of each class, by label; null for all of them.</summary>
    private static SortedDictionary<int, int>? Wanted(
        SelectOptions options,
        List<Candidate> candidates,
        IReadOnlyDictionary<string, IReadOnlyDictionary<int, int>> classCounts
    )
    {
        var split = options.MatchedSplit ?? TrainSplit;
        if (options.MatchedSplit is null && options.Total is null)
            return null;
        if (!classCounts.TryGetValue(split, out var counts))
            throw new ArgumentException(
                $"The quota '{options.Quota}' needs split '{split}'; it must be one of {string.Join(", ", classCounts.Keys.Order(StringComparer.Ordinal))}. Name one of these."
            );
        var labels = counts.Keys.Concat(candidates.Select(candidate => candidate.Label)).Distinct().ToList();
        if (options.Total < labels.Count)
            throw new ArgumentException(
                $"The quota is {options.Total} edits for {labels.Count} classes; it must be at least one for each class. Raise it."
            );
        return new SortedDictionary<int, int>(
            labels.ToDictionary(label => label, label => options.Total / labels.Count ?? counts.GetValueOrDefault(label))
        );
    }

    private static IEnumerable<Candidate> Drawn(List<Candidate> edits, int count, ulong seed, int label)
    {
        var name = label.ToString(CultureInfo.InvariantCulture);
        return Enumerable
            .Range(0, count)
            .Select(draw => edits[KeyedRandom.For(seed, name, draw, "select.replacement").NextInt32(edits.Count)]);
    }

    private static IEnumerable<Candidate> ByHash(IEnumerable<Candidate> candidates, ulong seed, string purpose) =>
        candidates
            .OrderBy(candidate => KeyedRandom.For(seed, candidate.VariantId, 0, purpose).NextUInt64())
            .ThenBy(candidate => candidate.VariantId, StringComparer.Ordinal);

    private static SelectedEdit[] Rows(IEnumerable<Candidate> candidates) =>
        [
            .. candidates
                .OrderBy(candidate => candidate.Batch)
                .ThenBy(candidate => candidate.VariantId, StringComparer.Ordinal)
                .Select(candidate => new SelectedEdit(candidate.SampleId, candidate.VariantId, candidate.Batch, candidate.Label)),
        ];
}
