using Pipeline.Models.Training;

namespace Pipeline.Stages.Report;

/// <summary>Chooses what the contact sheet shows, by keyed hash: no choice depends on the order of the edits.</summary>
public static class SheetChoice
{
    /// <summary>The chosen sources with their chosen edits, both in the order of their hashes; pictures are to be read for these alone.</summary>
    /// <param name="edits">Every edit of the run, by sample and variant id, in any order.</param>
    /// <param name="options">How many.</param>
    /// <param name="seed">The run's seed.</param>
    public static IReadOnlyList<(string SampleId, IReadOnlyList<string> VariantIds)> Choose(
        IEnumerable<(string SampleId, string VariantId)> edits,
        ReportOptions options,
        ulong seed
    )
    {
        var bySource = edits.ToLookup(edit => edit.SampleId, edit => edit.VariantId, StringComparer.Ordinal);
        return
        [
            .. ByHash(bySource.Select(source => source.Key), seed, "report.source")
                .Take(options.Sources)
                .Select(source => (source, (IReadOnlyList<string>)[.. ByHash(bySource[source], seed, "report.edit").Take(options.Edits)])),
        ];
    }

    private static IEnumerable<string> ByHash(IEnumerable<string> ids, ulong seed, string purpose) =>
        ids.OrderBy(id => KeyedRandom.For(seed, id, 0, purpose).NextUInt64()).ThenBy(id => id, StringComparer.Ordinal);
}
