using System.Runtime.CompilerServices;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Lineage;

/// <summary>What a name stands for.</summary>
/// <param name="Matches">All that it may mean, at most <see cref="LineageIndex.MostMatches"/>; one when the name is clear.</param>
/// <param name="Nearest">When nothing matches: names that are near, the nearest first.</param>
public sealed record LineageMatch(IReadOnlyList<LineageSubject> Matches, IReadOnlyList<string> Nearest);

/// <summary>Finds samples and variants by id, by the beginning of an id, or by source path.</summary>
/// <param name="shards">The run's files.</param>
/// <param name="pipeline">Its stages.</param>
public sealed class LineageIndex(LineageShards shards, PipelineDefinition pipeline)
{
    /// <summary>Hexadecimal digits that the beginning of an id must have: one in 16 million, so that a mistyped one seldom hits.</summary>
    public const int FewestDigits = 6;

    /// <summary>Matches of an ambiguous name that are told.</summary>
    public const int MostMatches = 5;

    private const int IdDigits = 32;
    private const int NearestTold = 3;
    private const int Compared = 2000; // names for which the distance is computed, of those that begin like the wanted one

    /// <summary>Whether <paramref name="name"/> can be an id or the beginning of one, which may yet be too short.</summary>
    public static bool IsHex(string name) => name.Length is > 0 and <= IdDigits && name.All(char.IsAsciiHexDigit);

    /// <summary>Looks through the run. A path or an id that is written in full ends the search.</summary>
    public async Task<LineageMatch> FindAsync(string name, CancellationToken stop)
    {
        var path = name.Replace('\\', '/');
        var prefix = IsHex(name) && name.Length >= FewestDigits ? name.ToLowerInvariant() : null;
        var byId = new List<LineageSubject>();
        await foreach (var subject in AllAsync(stop))
        {
            if ((subject.VariantId is null && subject.Uri == path) || (prefix?.Length == IdDigits && subject.Id == prefix))
            {
                return new LineageMatch([subject], []);
            }

            if (prefix is not null && byId.Count < MostMatches && subject.Id?.StartsWith(prefix, StringComparison.Ordinal) == true)
            {
                byId.Add(subject);
            }
        }

        return byId.Count > 0 ? new LineageMatch(byId, []) : new LineageMatch([], await NearestAsync(path, stop));
    }

    private async Task<IReadOnlyList<string>> NearestAsync(string name, CancellationToken stop)
    {
        var (isHex, wanted) = (IsHex(name), name.ToLowerInvariant());
        var names = new PriorityQueue<string, int>();
        await foreach (var subject in AllAsync(stop))
        {
            if ((isHex ? subject.Id : subject.Uri) is not { } known)
            {
                continue;
            }

            names.Enqueue(known, known.AsSpan().CommonPrefixLength(wanted));
            if (names.Count > Compared)
            {
                names.Dequeue();
            }
        }

        return
        [
            .. names
                .UnorderedItems.Select(item => item.Element)
                .Distinct(StringComparer.Ordinal)
                .OrderBy(known => Nearest.Distance(wanted, isHex ? known[..Math.Min(wanted.Length, known.Length)] : known))
                .ThenBy(known => known, StringComparer.Ordinal)
                .Take(NearestTold),
        ];
    }

    /// <summary>Every sample and file of the source stages, then every variant.</summary>
    private async IAsyncEnumerable<LineageSubject> AllAsync([EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var source in pipeline.Stages.Where(stage => stage.Kind is IRunnableKind { Form: StageForm.Source }))
        {
            await foreach (var (batch, rows) in shards.All.ReadAllAsync<SampleRow>(source.Name, stop))
            {
                foreach (var row in rows)
                {
                    yield return new LineageSubject(row.SampleId, null, row.Uri, batch);
                }
            }

            foreach (var row in await shards.All.QuarantineAsync(source.Name, stop))
            {
                yield return new LineageSubject(row.SampleId, null, row.Uri, row.Batch);
            }
        }

        foreach (var maker in Makers(pipeline))
        {
            await foreach (var (batch, rows) in shards.All.ReadAllAsync<VariantRow>(maker.Name, stop))
            {
                foreach (var row in rows)
                {
                    yield return new LineageSubject(row.SampleId, row.VariantId, null, batch);
                }
            }

            foreach (var row in (await shards.All.QuarantineAsync(maker.Name, stop)).Where(row => row.VariantId is not null))
            {
                yield return new LineageSubject(row.SampleId, row.VariantId, null, row.Batch);
            }
        }
    }

    /// <summary>The stages that make variants.</summary>
    internal static IEnumerable<StageDefinition> Makers(PipelineDefinition pipeline) =>
        pipeline.Stages.Where(stage => stage.Kind is IVariantKind);

    private sealed record SampleRow(string SampleId, string Uri);

    private sealed record VariantRow(string SampleId, string VariantId);
}
