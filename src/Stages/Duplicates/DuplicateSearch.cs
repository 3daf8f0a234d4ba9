using Pipeline.Models.Duplicates;

namespace Pipeline.Stages.Duplicates;

/// <summary>An image among which near-duplicates are sought.</summary>
/// <param name="SampleId">The original, or the edit's source.</param>
/// <param name="VariantId">The edit; null for an original.</param>
/// <param name="Split">The split that it is in.</param>
/// <param name="Hash">What it looks like.</param>
/// <param name="Embedding">Its stored embedding; null for none.</param>
internal sealed record SoughtImage(string SampleId, string? VariantId, string Split, ulong Hash, Half[]? Embedding)
{
    public bool IsTraining => Split == "train";
}

/// <summary>Finds images that look alike, by hash and by embedding, and says which training images are to be left out.</summary>
/// <remarks>An edit, its source and the source's other edits are not duplicates of each other: they are meant to look alike. The result does not depend on the order of the images.</remarks>
internal static class DuplicateSearch
{
    /// <summary>The verdict on a training image that looks like one of another split.</summary>
    public const string DuplicatesTest = "duplicates_test";

    private const string Keep = "keep";

    /// <summary>Searches.</summary>
    /// <param name="images">All images; a sample and variant there once.</param>
    /// <param name="options">Checked settings.</param>
    /// <param name="stop">Ends the search.</param>
    public static (IReadOnlyList<DuplicateRow> Rows, DuplicatesSummary Summary) Find(
        IEnumerable<SoughtImage> images,
        DuplicatesOptions options,
        CancellationToken stop
    )
    {
        SoughtImage[] all =
        [
            .. images
                .OrderBy(image => image.SampleId, StringComparer.Ordinal)
                .ThenBy(image => image.VariantId ?? "", StringComparer.Ordinal),
        ];
        var found = new Found(all, options.Distance);
        foreach (var pair in HammingPairs.Find(all.Select(image => image.Hash).ToArray(), options.Distance, stop))
        {
            found.Add(pair.First, pair.Second, pair.Distance, null);
        }

        var embedded = options.Cosine is null ? [] : Enumerable.Range(0, all.Length).Where(at => all[at].Embedding is not null).ToArray();
        if (options.Cosine is { } cosine && embedded.Length > 1)
        {
            var dimension = all[embedded[0]].Embedding?.Length ?? 0;
            var values = new Half[(long)embedded.Length * dimension];
            for (var at = 0; at < embedded.Length; at++)
            {
                all[embedded[at]].Embedding?.CopyTo(values, (long)at * dimension);
            }

            foreach (var pair in CosinePairs.Find(values, dimension, (float)cosine, stop))
            {
                found.Add(embedded[pair.First], embedded[pair.Second], null, pair.Cosine);
            }
        }

        var rows = found.Rows(options.Drop);
        var dropped = rows.Where(row => row.Verdict != Keep).ToList();
        return (
            rows,
            new DuplicatesSummary(
                all.Length,
                embedded.Length,
                found.WithinTraining,
                found.AcrossSplits,
                found.OutsideTraining,
                dropped.Count(row => row.VariantId is null),
                dropped.Count(row => row.VariantId is not null)
            )
        );
    }

    /// <summary>Pairs as they are found: groups, and the nearest match of each image. No pair is kept.</summary>
    private sealed class Found
    {
        private readonly SoughtImage[] all;
        private readonly int[] parent;
        private readonly Match?[] nearest;
        private readonly int limit;

        public Found(SoughtImage[] all, int limit)
        {
            (this.all, this.limit) = (all, limit);
            parent = [.. Enumerable.Range(0, all.Length)];
            nearest = new Match?[all.Length];
        }

        public long WithinTraining { get; private set; }

        public long AcrossSplits { get; private set; }

        public long OutsideTraining { get; private set; }

        public void Add(int first, int second, int? distance, float? cosine)
        {
            var (one, two) = (all[first], all[second]);
            if (one.SampleId == two.SampleId)
            {
                return;
            }

            Keep(first, new Match(second, one.IsTraining != two.IsTraining, distance, cosine));
            Keep(second, new Match(first, one.IsTraining != two.IsTraining, distance, cosine));
            var (low, high) = (Root(Math.Min(first, second)), Root(Math.Max(first, second)));
            (low, high) = (Math.Min(low, high), Math.Max(low, high));
            parent[high] = low; // the root is the first of its group, whatever the order of the pairs
            if (cosine is not null && PerceptualHash.Distance(one.Hash, two.Hash) <= limit)
            {
                return; // counted by its hashes
            }

            WithinTraining += one.IsTraining && two.IsTraining ? 1 : 0;
            AcrossSplits += one.IsTraining != two.IsTraining ? 1 : 0;
            OutsideTraining += !one.IsTraining && !two.IsTraining ? 1 : 0;
        }

        public List<DuplicateRow> Rows(bool drop)
        {
            var groups = new Dictionary<int, int>();
            var rows = new List<DuplicateRow>();
            for (var at = 0; at < all.Length; at++)
            {
                if (nearest[at] is not { } match)
                {
                    continue;
                }

                var root = Root(at);
                if (!groups.TryGetValue(root, out var group))
                {
                    groups[root] = group = groups.Count;
                }

                var (image, other) = (all[at], all[match.Other]);
                rows.Add(
                    new DuplicateRow(
                        image.SampleId,
                        image.VariantId,
                        drop && image.IsTraining && match.IsAcross ? DuplicatesTest : DuplicateSearch.Keep,
                        group,
                        image.Split,
                        other.SampleId,
                        other.VariantId,
                        other.Split,
                        match.Distance,
                        match.Cosine
                    )
                );
            }

            return rows;
        }

        private void Keep(int at, Match match)
        {
            if (nearest[at] is not { } known || match.IsNearer(known))
            {
                nearest[at] = match;
            }
        }

        private int Root(int at)
        {
            while (parent[at] != at)
            {
                parent[at] = parent[parent[at]];
                at = parent[at];
            }

            return at;
        }
    }

    /// <summary>What an image looks like.</summary>
    private sealed record Match(int Other, bool IsAcross, int? Distance, float? Cosine)
    {
        /// <summary>Whether this one says more: across splits first, then by hash, then by embedding, then the earlier image.</summary>
        public bool IsNearer(Match other) =>
            IsAcross != other.IsAcross ? IsAcross
            : Distance != other.Distance ? (Distance ?? int.MaxValue) < (other.Distance ?? int.MaxValue)
            : Cosine != other.Cosine ? (Cosine ?? -1) > (other.Cosine ?? -1)
            : Other < other.Other;
    }
}
