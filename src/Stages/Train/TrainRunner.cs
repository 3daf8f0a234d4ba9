using System.IO.Hashing;
using Pipeline.Messages;
using Pipeline.Models.Training;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Train;

/// <summary>Trains in parts, one message an epoch: the originals when ingest is drained, the others when the edits are selected.</summary>
/// <remarks>
/// <para>Makes the artifact <c>base-classifier</c> from <c>original</c>, seed 0, then <c>models/</c>, <c>model/</c> and <c>report/metrics.json</c>.</para>
/// <para>Repeats: an epoch that the checkpoint holds is not trained again; the order of the samples comes from ids and seed.</para>
/// <para>Failure: a picture that cannot be decoded is left out and quarantined; a training that fails fails the run.</para>
/// </remarks>
internal sealed class TrainRunner(StageSite site) : IStageRunner
{
    private readonly TrainOptions options = site.Options<TrainOptions>();
    private readonly CancellationTokenSource stopping = new();
    private readonly EpochRunner epochs = new(live: 2); // one on the originals and one on the kept edits take turns
    private readonly Dictionary<string, TrainingTask> tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<MetricsRow>> finished = new(StringComparer.Ordinal);
    private readonly HashSet<(string Training, int Epoch)> awaited = []; // sent and not come yet
    private readonly HashSet<bool> begun = []; // false: on the originals; true: with the kept edits
    private readonly HashSet<string> drained = new(StringComparer.Ordinal);
    private readonly TrainingSources sources = new(site);
    private TrainingPlan? plan;
    private IConsumer? consumer;
    private int epochsDone;

    public (int Done, int Total, string Name)? Steps =>
        plan is { } known
            ? (Math.Min(Volatile.Read(ref epochsDone), known.Trainings.Count * known.Epochs), known.Trainings.Count * known.Epochs, "epoch")
            : null;

    private string Uri => $"runs/{site.Run.Run}/{site.Definition.Name}";

    private string Work => Path.Combine(site.Run.Output, Uri);

    public async Task StartAsync(CancellationToken stop) =>
        consumer = await HeldConsumer.StartAsync(site.Run, site.Queue, 1, OnMessageAsync, stop);

    /// <summary>Ends with the running epoch, whose checkpoint is written then.</summary>
    public async Task DrainAsync(CancellationToken limit)
    {
        if (consumer is null)
        {
            return;
        }

        try
        {
            await consumer.StopAsync().WaitAsync(limit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // the epoch is given up when the runner is disposed, and trained again from the checkpoint before it
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (consumer is not null)
        {
            await consumer.DisposeAsync();
        }

        epochs.Dispose();
        sources.Dispose();
        stopping.Dispose();
    }

    private async Task OnMessageAsync(IDelivery delivery)
    {
        try
        {
            var started = site.Run.Clock.GetTimestamp();
            await WithRoomAsync(() =>
                delivery.Message.Type == nameof(StageDrained)
                    ? BeginAsync(delivery.Message.Read<StageDrained>().Stage)
                    : TrainAsync(delivery.Message.Read<TrainEpoch>())
            );
            site.Meter.Worked(site.Run.Clock.GetElapsedTime(started));
            At("acknowledge.before");
            await delivery.AcknowledgeAsync();
            At("acknowledge.after");
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // given back when the consumer is disposed
        }
        catch (Exception error)
        {
            await StageFailure.TellAsync(site, 0, [], error, CancellationToken.None);
            await delivery.FailAsync($"{error.GetType().Name}: {error.Message}");
        }
    }

    /// <summary>Pixels, checkpoints and models are not written through the store; a full disk pauses them all the same.</summary>
    private async Task WithRoomAsync(Func<Task> work)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (IOException full) when (StoreFullException.IsFull(full))
            {
                site.Run.Notice($"paused: {full.Message} Free space; the run goes on by itself when there is room.");
                await Task.Delay(PausingStore.Pause, site.Run.Clock, stopping.Token);
                site.Run.Notice(null);
            }
        }
    }

    /// <summary>
    /// Begins the trainings whose images are complete now: those on originals with ingest, those with kept edits with the selection, both when every stage
    /// that this one follows and that may leave originals out has judged them.
    /// </summary>
    private async Task BeginAsync(string stage)
    {
        drained.Add(stage);
        foreach (var edits in (bool[])[false, true])
        {
            if (drained.Contains(edits ? TrainingSources.KeptEdits : TrainingSources.Originals) && Judges.All(drained.Contains))
            {
                await BeginAsync(edits);
            }
        }
    }

    /// <summary>The stages that may leave originals out, as far as the stage follows them itself.</summary>
    private IEnumerable<string> Judges => site.Definition.After.Where(before => site.Run.Pipeline.Find(before)?.Kind is ISampleJudge);

    private async Task BeginAsync(bool edits)
    {
        if (begun.Contains(edits) || (edits && !options.Trainings.Contains(TrainingNames.OriginalAndKept)))
        {
            return;
        }

        var recipe = TrainRecipes.Resolve(options);
        var sets = await sources.OpenAsync(edits, new PixelForm(recipe.ImageSize, recipe.Resize), stopping.Token);
        plan ??= TrainingPlan.Of(options, sets.OriginalCount);
        var group = plan.Trainings.Where(training => training.Training == TrainingNames.OriginalAndKept == edits).ToList();
        foreach (var planned in group)
        {
            var setup = plan.Setup(options, planned, sets.ClassNames.Count, (ulong)site.Run.Seed);
            tasks[planned.Name] = new TrainingTask(planned, setup, sets, Work);
        }

        if (group.Count > 0)
        {
            await SendAsync(group[0]);
        }

        begun.Add(edits);
    }

    private async Task TrainAsync(TrainEpoch message)
    {
        var planned = new PlannedTraining(message.Training, message.Seed);
        // One that is not awaited was told twice, or by an earlier process, whose beginning comes again too and sends the epoch that is next.
        if (awaited.Contains((planned.Name, message.Epoch)) && tasks.TryGetValue(planned.Name, out var task))
        {
            await TrainAsync(planned, task, message.Epoch);
            awaited.Remove((planned.Name, message.Epoch));
        }
    }

    private async Task TrainAsync(PlannedTraining planned, TrainingTask task, int number)
    {
        var known = Known();
        var started = site.Run.Clock.GetTimestamp();
        At("write.before");
        var outcome = await epochs.RunAsync(task, number, stopping.Token);
        At("write.after");
        if (outcome != EpochOutcome.AlreadyDone)
        {
            var log = WorkLog.Of(site.Definition.Name, number, 1, 0, 0, started, site.Run.Clock);
            await log.WriteAsync(site.Run.Store, $"{Uri}/{planned.Name}/epoch-{number:D4}{WorkLog.Ending}", stopping.Token);
        }

        Interlocked.Increment(ref epochsDone);
        if (number < known.Epochs)
        {
            await SendAsync(planned, number + 1);
            return;
        }

        finished[planned.Name] = [.. FinishTraining.Run(task, Path.Combine(site.Run.Output, "models"), stopping.Token)];
        if (planned is { Training: TrainingNames.Original, Seed: 0 })
        {
            await TellBaseClassifierAsync(task);
        }

        var next = known.Trainings.FirstOrDefault(other =>
            !finished.ContainsKey(other.Name) && tasks.ContainsKey(other.Name) && SameGroup(other, planned)
        );
        if (next is not null)
        {
            await SendAsync(next);
        }
        else if (finished.Count == known.Trainings.Count)
        {
            await CompleteAsync(known);
        }
    }

    private static bool SameGroup(PlannedTraining one, PlannedTraining other) =>
        one.Training == TrainingNames.OriginalAndKept == (other.Training == TrainingNames.OriginalAndKept);

    private async Task TellBaseClassifierAsync(TrainingTask task)
    {
        var uri = $"{Uri}/base-classifier";
        var folder = Path.Combine(site.Run.Output, uri);
        FinishTraining.WriteModel(task, folder);
        var content = BaseClassifier.Complete(folder, task.Training, options.Threads, options.Device, stopping.Token);
        await PublishAsync(
            new ArtifactReady
            {
                Run = site.Run.Run,
                Name = "base-classifier",
                Stage = site.Definition.Name,
                Uri = uri,
                Content = content,
            },
            "base-classifier"
        );
    }

    private async Task CompleteAsync(TrainingPlan known)
    {
        var metrics = Path.Combine(site.Run.Output, "report", "metrics.json");
        MetricsFile.Merge(Work, known, metrics);
        FinishTraining.CopyChosen(
            known,
            [.. finished.Values.SelectMany(rows => rows)],
            Path.Combine(site.Run.Output, "models"),
            Path.Combine(site.Run.Output, "model")
        );
        site.Meter.Finished(0, 0, wasThere: false);
        await PublishAsync(
            new StageDrained
            {
                Run = site.Run.Run,
                Stage = site.Definition.Name,
                Batches = 1,
                Rows = known.Trainings.Count,
                Content = Convert.ToHexStringLower(XxHash128.Hash(await File.ReadAllBytesAsync(metrics, stopping.Token))),
            },
            site.Definition.Name
        );
    }

    private async Task SendAsync(PlannedTraining planned, int epoch = 0)
    {
        var known = Known();
        if (epoch == 0)
        {
            epoch = Math.Clamp(EpochRunner.EpochsDone(tasks[planned.Name]) + 1, 1, known.Epochs);
            Interlocked.Add(ref epochsDone, epoch - 1);
        }

        awaited.Add((planned.Name, epoch));
        await PublishAsync(
            new TrainEpoch
            {
                Run = site.Run.Run,
                Stage = site.Definition.Name,
                Training = planned.Training,
                Seed = planned.Seed,
                Epoch = epoch,
            },
            site.Definition.Name
        );
    }

    private async Task PublishAsync<T>(T message, string subject)
        where T : class
    {
        At("publish.before");
        await site.PublishEventAsync(message, subject, stopping.Token);
        At("publish.after");
    }

    private void At(string point) => site.Run.At($"{site.Definition.Name}:{point}");

    private TrainingPlan Known() => plan ?? throw new InvalidOperationException("An epoch came before the training was planned.");
}
