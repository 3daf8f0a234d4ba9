using Pipeline.Models.Training;
using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Report.Pictures;

/// <summary>Chooses edits to be shown beside their sources, by keyed hash and turn by turn from every class, description and verdict, so that each that
/// occurs is shown while there is room. No choice depends on the order of the edits.</summary>
/// <param name="most">Edits to choose, at least 0.</param>
/// <param name="seed">The run's seed.</param>
internal sealed class PairChoice(int most, ulong seed)
{
    private static readonly Comparer<Candidate> ByDraw = Comparer<Candidate>.Create(
        (one, two) => one.Draw == two.Draw ? string.CompareOrdinal(one.Edit.VariantId, two.Edit.VariantId) : one.Draw.CompareTo(two.Draw)
    );

    private readonly Dictionary<(int Label, int Prompt, string Verdict), SortedSet<Candidate>> cells = [];

    /// <summary>The chosen ones as they were drawn: the first of every class, description and verdict, then the second ones, and so on.</summary>
    public IReadOnlyList<JudgedEdit> Chosen =>
        [
            .. cells
                .Values.SelectMany(cell => cell.Select((candidate, turn) => (candidate, turn)))
                .OrderBy(drawn => drawn.turn)
                .ThenBy(drawn => drawn.candidate, ByDraw)
                .Take(most)
                .Select(drawn => drawn.candidate.Edit),
        ];

    /// <summary>Takes one edit; at the most <c>most</c> of a class, description and verdict are held.</summary>
    public void Add(JudgedEdit edit)
    {
        var key = (edit.Label, edit.PromptIndex, edit.Verdict ?? "");
        if (!cells.TryGetValue(key, out var cell))
            cells[key] = cell = new SortedSet<Candidate>(ByDraw);
        cell.Add(new Candidate(KeyedRandom.For(seed, edit.VariantId, 0, "report.pair").NextUInt64(), edit));
        if (cell.Count > most && cell.Max is { } last)
            cell.Remove(last);
    }

    private sealed record Candidate(ulong Draw, JudgedEdit Edit);
}
