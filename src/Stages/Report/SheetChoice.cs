using Pipeline.Models.Training;
using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Report;

/// <summary>Chooses what the contact sheet shows, by keyed hash: no choice depends on the order of the edits. Holds only what may be chosen.</summary>
/// <param name="options">How many.</param>
/// <param name="seed">The run's seed.</param>
internal sealed class SheetChoice(ReportOptions options, ulong seed)
{
    private static readonly Comparer<(ulong Draw, string Id)> ByDraw = Comparer<(ulong Draw, string Id)>.Create(
        (one, two) => one.Draw == two.Draw ? string.CompareOrdinal(one.Id, two.Id) : one.Draw.CompareTo(two.Draw)
    );

    private readonly SortedList<(ulong Draw, string Id), List<JudgedEdit>> sources = new(ByDraw);

    /// <summary>The chosen sources with their chosen edits, both in the order of their hashes.</summary>
    public IReadOnlyList<IReadOnlyList<JudgedEdit>> Chosen =>
        [
            .. sources.Values.Select(edits =>
                (IReadOnlyList<JudgedEdit>)[.. edits.OrderBy(edit => Draw(edit.VariantId, "report.edit"), ByDraw).Take(options.Edits)]
            ),
        ];

    /// <summary>Takes one edit; one without a verdict is not shown.</summary>
    public void Add(JudgedEdit edit)
    {
        if (edit.Verdict is null)
            return;
        var source = Draw(edit.SampleId, "report.source");
        if (!sources.TryGetValue(source, out var edits))
        {
            if (sources.Count == options.Sources && ByDraw.Compare(source, sources.GetKeyAtIndex(sources.Count - 1)) > 0)
                return;
            sources.Add(source, edits = []);
            if (sources.Count > options.Sources)
                sources.RemoveAt(sources.Count - 1);
        }

        edits.Add(edit);
    }

    private (ulong Draw, string Id) Draw(string id, string purpose) => (KeyedRandom.For(seed, id, 0, purpose).NextUInt64(), id);
}
