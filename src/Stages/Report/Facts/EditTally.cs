namespace Pipeline.Stages.Report.Facts;

/// <summary>Counts edits as they go by: what became of them by class and by description, and how sure the filter was. Holds no edit.</summary>
internal sealed class EditTally
{
    private readonly SortedDictionary<int, Count> classes = [];
    private readonly SortedDictionary<int, Count> prompts = [];

    /// <summary>A row a class, in the order of the labels.</summary>
    public IReadOnlyList<FunnelRow> Classes => [.. classes.Values.Select(count => count.Row)];

    /// <summary>A row a description, in their order.</summary>
    public IReadOnlyList<FunnelRow> Prompts => [.. prompts.Values.Select(count => count.Row)];

    /// <summary>A histogram a class, in the order of the labels.</summary>
    public IReadOnlyList<ScoreHistogram> Scores => [.. classes.Values.Select(count => count.Scores)];

    /// <summary>Takes one edit; the order of edits has no part in the counts.</summary>
    public void Add(JudgedEdit edit)
    {
        Of(classes, edit.Label, edit.Class).Add(edit);
        Of(prompts, edit.PromptIndex, edit.Description).Add(edit);
    }

    private static Count Of(SortedDictionary<int, Count> counts, int key, string name)
    {
        if (!counts.TryGetValue(key, out var count))
            counts[key] = count = new Count(name);
        return count;
    }

    private sealed class Count(string name)
    {
        private readonly SortedSet<double> limits = [];
        private readonly int[] passed = new int[ScoreHistogram.Bins];
        private readonly int[] tooEasy = new int[ScoreHistogram.Bins];
        private readonly int[] mislabelled = new int[ScoreHistogram.Bins];
        private int made;
        private int? chosen;
        private int? stopped;

        public FunnelRow Row => new(name, made, tooEasy.Sum(), mislabelled.Sum(), passed.Sum(), chosen) { Stopped = stopped };

        public ScoreHistogram Scores => new(name, [.. limits], passed, tooEasy, mislabelled);

        public void Add(JudgedEdit edit)
        {
            made++;
            if (edit.Chosen is { } isChosen)
                chosen = (chosen ?? 0) + (isChosen ? 1 : 0);
            if (edit.Stopped is { } isStopped)
                stopped = (stopped ?? 0) + (isStopped ? 1 : 0);
            var histogram = edit.Verdict switch
            {
                JudgedEdit.Keep => passed,
                JudgedEdit.TooEasy => tooEasy,
                JudgedEdit.Mislabelled => mislabelled,
                _ => null,
            };
            if (histogram is null)
                return;
            histogram[ScoreHistogram.BinOf(edit.Confidence)]++;
            limits.Add(edit.Limit);
        }
    }
}
