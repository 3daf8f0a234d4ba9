using Pipeline.Models.Hub;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Lineage;

/// <summary>Tells from a run's files alone how one sample or variant came to be, and what became of it.</summary>
/// <param name="shards">The run's files.</param>
/// <param name="pipeline">Its stages with their options.</param>
public sealed class LineageReader(LineageShards shards, PipelineDefinition pipeline)
{
    private static readonly LineageState[] Ends = [LineageState.Quarantined, LineageState.Failed, LineageState.Dropped];

    /// <summary>Reads everything that is there of <paramref name="subject"/>; an unfinished run has stages that are not yet done.</summary>
    /// <exception cref="Shards.ShardDamagedException">A shard that is needed is not whole.</exception>
    public async Task<LineageRecord> ReadAsync(LineageSubject subject, CancellationToken stop)
    {
        var steps = await StepsAsync(subject, stop);
        var uri =
            subject.Uri ?? steps.Select(step => step.Values.GetValueOrDefault("uri") as string).FirstOrDefault(known => known is not null);
        var (outcome, reason) = OutcomeOf(subject, steps);
        return new LineageRecord
        {
            Subject = subject with { Uri = uri },
            Run = shards.Run,
            Outcome = outcome,
            Reason = reason,
            Stages = steps,
            Variants = subject is { VariantId: null, SampleId: not null } ? await VariantsAsync(subject, stop) : [],
        };
    }

    private async Task<List<LineageStep>> StepsAsync(LineageSubject subject, CancellationToken stop)
    {
        var steps = new List<LineageStep>();
        var models = await ModelsAsync(stop);
        foreach (var stage in pipeline.Stages)
        {
            var upstream = pipeline.Upstream(stage.Name);
            var stopped = steps.Any(step => upstream.Contains(step.Stage) && IsStop(step.State));
            steps.Add(await StepAsync(stage, subject, models, stopped, stop));
        }

        return steps;
    }

    /// <summary>Whether rows end here: no stage after this one sees them.</summary>
    private static bool IsStop(LineageState state) => state is LineageState.NotReached or LineageState.NoRow || Ends.Contains(state);

    private async Task<ModelLock?> ModelsAsync(CancellationToken stop) =>
        await shards.Store.ExistsAsync(ModelLock.FileName, stop)
            ? ModelLock.Read(await shards.Store.ReadAllAsync(ModelLock.FileName, stop), ModelLock.FileName)
            : null;

    private static LineageModel Model(string name, ModelLock? models)
    {
        var known = models?.Models.GetValueOrDefault(name);
        return new LineageModel(name, known?.Revision, known?.Licence, known?.Content);
    }

    private async Task<LineageStep> StepAsync(
        StageDefinition stage,
        LineageSubject subject,
        ModelLock? models,
        bool stopped,
        CancellationToken stop
    )
    {
        var step = new LineageStep
        {
            Stage = stage.Name,
            Kind = stage.Kind.Name,
            Version = stage.Kind.Version,
            After = stage.After,
            Options = StageOption
                .Of(stage.Options)
                .ToDictionary(option => option.Name, option => OptionValue.Plain(option.Get(stage.Options)), StringComparer.Ordinal),
            Files = [.. stage.Options.Files.Select(path => new LineageFile(path, File.Exists(path) ? FileContent.Hash(path) : null))],
            Models = [.. stage.Options.Models.Select(name => Model(name, models))],
            Artifacts = stage.Kind.Needs.ToDictionary(
                name => name,
                name => pipeline.Stages.First(maker => maker.Kind.Makes == name).Name,
                StringComparer.Ordinal
            ),
            State = stopped ? LineageState.NotReached : LineageState.NotYet,
        };
        return stage.Kind is IRunnableKind { Form: StageForm.Source or StageForm.Rows }
            ? await RowsAsync(step, stage, subject, stop)
            : await WholeAsync(step, stage, subject, stop);
    }

    private async Task<LineageStep> RowsAsync(LineageStep step, StageDefinition stage, LineageSubject subject, CancellationToken stop)
    {
        var aside = (await shards.QuarantineAsync(stage.Name, subject.Batch, stop)).FirstOrDefault(row => IsAbout(row, subject));
        if (aside is not null)
        {
            return step with { State = LineageState.Quarantined, Reason = $"{aside.Kind}: {aside.Message}" };
        }

        if (await shards.FindAsync(stage.Name, subject.Batch, stop) is not { } shard)
        {
            var failure = await shards.FailureAsync(stage.Name, subject.Batch, stop);
            return failure is null || step.State == LineageState.NotReached
                ? step
                : step with
                {
                    State = LineageState.Failed,
                    Reason = $"{failure.Error}: {failure.Message}",
                };
        }

        var rows = shard.RowsOf(subject);
        if (rows.Count == 0)
        {
            return step.State == LineageState.NotReached ? step : step with { State = LineageState.NoRow };
        }

        var log = await shards.LogAsync(stage.Name, subject.Batch, stop);
        return step with
        {
            State = LineageState.Done,
            // The rows of a sample's variants are listed with the variants.
            Values = shard.HasVariants && subject.VariantId is null ? step.Values : shard.Values(rows[0]),
            Shard = new LineageShard(
                shard.Uri,
                shard.Footer.Content,
                shard.Footer.Fingerprint,
                shard.Footer.Seed,
                shard.Footer.CallSize,
                rows,
                [.. shard.Footer.Parents.Select(parent => parent.ToString())],
                log?.Seconds,
                log?.Version,
                log?.Plugin
            ),
        };
    }

    private static bool IsAbout(QuarantineRow row, LineageSubject subject) =>
        row.SampleId is null
            ? subject.SampleId is null && row.Uri == subject.Uri
            : row.SampleId == subject.SampleId && (row.VariantId is null || row.VariantId == subject.VariantId);

    private async Task<LineageStep> WholeAsync(LineageStep step, StageDefinition stage, LineageSubject subject, CancellationToken stop)
    {
        if (stage.Kind is ITracedKind kind)
        {
            return await kind.TraceAsync(stage, pipeline, subject, shards, stop) is { } trace
                ? step with
                {
                    State = trace.State,
                    Reason = trace.Reason,
                    Values = trace.Values,
                }
                : step;
        }

        var folder = $"runs/{shards.Run.Id}/{stage.Name}/";
        var isDone = stage.Kind is IRunnableKind { Form: StageForm.Artifact }
            ? (await shards.Store.ListAsync(folder, stop)).Any(uri => !uri.EndsWith(".failed.json", StringComparison.Ordinal))
            : await shards.Store.ExistsAsync($"{folder}done.json", stop);
        return step with { State = isDone ? LineageState.Done : LineageState.NotYet };
    }

    private (LineageState State, string? Reason) OutcomeOf(LineageSubject subject, IReadOnlyList<LineageStep> steps)
    {
        var exported = steps.LastOrDefault(step => step.Kind == "export");
        var end = steps.FirstOrDefault(step => Ends.Contains(step.State));
        return exported?.State == LineageState.Kept ? (LineageState.Kept, null)
            : end is not null ? (end.State, end.Reason is null ? end.Stage : $"{end.Stage}: {end.Reason}")
            : steps.FirstOrDefault(step => step.State == LineageState.NotYet && !MakesOnlyArtifact(step)) is { } waiting
                ? (LineageState.NotYet, waiting.Stage)
            : exported is not null && subject.VariantId is not null ? (LineageState.Dropped, $"{exported.Stage}: source_left_out")
            : (LineageState.Kept, null);
    }

    /// <summary>Whether no row passes through the stage; what waits for its artifact is itself not yet done.</summary>
    private bool MakesOnlyArtifact(LineageStep step) =>
        pipeline.Stages.First(stage => stage.Name == step.Stage).Kind is IRunnableKind { Form: StageForm.Artifact };

    private async Task<IReadOnlyList<LineageVariant>> VariantsAsync(LineageSubject subject, CancellationToken stop)
    {
        var variants = new List<LineageVariant>();
        foreach (var maker in LineageIndex.Makers(pipeline))
        {
            var shard = await shards.FindAsync(maker.Name, subject.Batch, stop);
            var made = shard?.RowsOf(subject).Select(row => shard.Table.Get<string>("variant_id")[row]) ?? [];
            var aside = (await shards.QuarantineAsync(maker.Name, subject.Batch, stop))
                .Where(row => row.SampleId == subject.SampleId)
                .Select(row => row.VariantId)
                .OfType<string>();
            foreach (var variant in made.Concat(aside).Distinct(StringComparer.Ordinal).ToList())
            {
                var of = subject with { VariantId = variant };
                var steps = await StepsAsync(of, stop);
                var prompt = steps
                    .Select(step => step.Values.GetValueOrDefault("prompt") as string)
                    .FirstOrDefault(text => text is not null);
                var (outcome, reason) = OutcomeOf(of, steps);
                variants.Add(new LineageVariant(variant, maker.Name, prompt, outcome, reason));
            }
        }

        return variants;
    }
}
