namespace Pipeline.Stages.Runs.Definition;

/// <summary>Checks who follows whom. Artifacts are no part of it: a stage may need what a later one makes.</summary>
internal static class StageOrder
{
    public static IEnumerable<string> Faults(IReadOnlyList<StageDraft> stages)
    {
        var names = stages.Select(stage => stage.Name).ToArray();
        foreach (var stage in stages)
        {
            foreach (var unknown in stage.After.Where(after => !names.Contains(after)).Distinct())
            {
                yield return $"{stage.Name}.after ({stage.Where}) is {unknown}, which is no stage; it must be one of {string.Join(", ", names)}."
                    + $"{Nearest.Hint(unknown, names)} Name a stage of the pipeline.";
            }

            foreach (var twice in stage.After.GroupBy(after => after).Where(group => group.Count() > 1))
            {
                yield return $"{stage.Name}.after ({stage.Where}) names {twice.Key} {twice.Count()} times; it must name a stage once. Remove one.";
            }
        }

        if (Circle(stages) is { } circle)
        {
            yield return $"The stages {string.Join(" -> ", circle)} ({stages.First(stage => stage.Name == circle[0]).Where}) follow one another "
                + "in a circle; batches must flow one way. Change after of one of them.";
        }
    }

    /// <summary>The stage and all that it follows, directly or through others.</summary>
    public static IReadOnlySet<string> Upstream(StageDraft stage, IReadOnlyList<StageDraft> stages)
    {
        var upstream = new HashSet<string>();
        var open = new Stack<string>(stage.After);
        while (open.TryPop(out var name))
        {
            if (upstream.Add(name))
            {
                foreach (var after in stages.Where(other => other.Name == name).SelectMany(other => other.After))
                {
                    open.Push(after);
                }
            }
        }

        return upstream;
    }

    /// <summary>One circle in the direction of the batches, its first stage named again at its end; null when there is none.</summary>
    private static List<string>? Circle(IReadOnlyList<StageDraft> stages)
    {
        var left = stages.ToList();
        while (left.RemoveAll(stage => !stage.After.Any(after => left.Exists(other => other.Name == after))) > 0) { }

        if (left.Count == 0)
        {
            return null;
        }

        var path = new List<string> { left[0].Name };
        while (true)
        {
            var next = left.First(stage => stage.Name == path[^1]).After.First(after => left.Exists(stage => stage.Name == after));
            var start = path.IndexOf(next);
            if (start >= 0)
            {
                var circle = path[start..];
                circle.Reverse();
                var first = circle.IndexOf(left.First(stage => circle.Contains(stage.Name)).Name);
                return [.. circle[first..], .. circle[..first], circle[first]];
            }

            path.Add(next);
        }
    }
}
