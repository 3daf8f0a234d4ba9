using System.Globalization;
using Pipeline.Models.Training;
using Pipeline.Models.Weights;

namespace Pipeline.Stages.Train;

/// <summary>What a request for an epoch led to.</summary>
public enum EpochOutcome
{
    /// <summary>The epoch was trained and saved.</summary>
    Trained,

    /// <summary>The checkpoint had the epoch already; nothing was done.</summary>
    AlreadyDone,

    /// <summary>The files were of other settings or images and were deleted; the training began anew.</summary>
    TrainedAnew,
}

/// <summary>Trains epoch by epoch: checkpoint in, checkpoint out.</summary>
/// <remarks>
/// <para>Repeats: an epoch that the checkpoint has is not trained again, and one that was killed midway is trained from the checkpoint before it, to equal bytes.</para>
/// <para>The last trainings stay in memory, so that the next epoch need not be loaded; results are the same to the bit either way.</para>
/// </remarks>
/// <param name="live">Trainings that stay in memory, at least 1; the least recently used one goes.</param>
public sealed class EpochRunner(int live = 1) : IDisposable
{
    private readonly List<(TrainingTask Task, TrainingRun Run)> kept = [];
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>Epochs that a training's checkpoint has; 0 without one, and for one of other settings or images.</summary>
    public static int EpochsDone(TrainingTask task) => LearningCurve.Read(task.Folder)?.Identity == task.Identity ? Saved(task.Folder) : 0;

    /// <summary>Makes sure that the checkpoint has <paramref name="epoch"/> epochs. Calls take turns.</summary>
    /// <param name="task">The training.</param>
    /// <param name="epoch">From 1. Epochs before it that are missing (their checkpoint was lost) are trained too.</param>
    /// <param name="stop">Looked at before each step; the checkpoint before the epoch stays.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    /// <exception cref="InvalidDataException">The images or the initial weights cannot be trained on, or a file is broken.</exception>
    public async Task<EpochOutcome> RunAsync(TrainingTask task, int epoch, CancellationToken stop)
    {
        if (epoch < 1 || epoch > task.Setup.Recipe.Epochs)
        {
            throw new ArgumentOutOfRangeException(
                nameof(epoch),
                $"The epoch of {task.Planned.Name} is {epoch}; it must be between 1 and {task.Setup.Recipe.Epochs}. Count from 1."
            );
        }

        await turn.WaitAsync(stop);
        try
        {
            return await Task.Run(() => Run(task, epoch, stop), stop);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Frees the trainings in memory; their checkpoints stay.</summary>
    public void Dispose()
    {
        kept.ForEach(item => item.Run.Dispose());
        kept.Clear();
        turn.Dispose();
    }

    private EpochOutcome Run(TrainingTask task, int epoch, CancellationToken stop)
    {
        var done = Saved(task.Folder);
        var curve = LearningCurve.Read(task.Folder);
        var anew = (curve is not null || done > 0) && (curve?.Identity != task.Identity || curve.Epochs.Count < done);
        if (anew)
        {
            task.Folder.Clear();
            done = 0;
        }

        if (done >= epoch)
        {
            return EpochOutcome.AlreadyDone;
        }

        curve = anew || curve is null ? new LearningCurve(task.Identity, []) : curve;
        var run = Take(task, done);
        try
        {
            while (run.EpochsDone < epoch)
            {
                curve = curve.With(run.RunEpoch(run.EpochsDone, stop));
                curve.Write(task.Folder);
                run.SaveCheckpoint(task.Folder.Checkpoint, task.Folder.Best);
            }
        }
        catch
        {
            run.Dispose();
            throw;
        }

        Keep(task, run);
        return anew ? EpochOutcome.TrainedAnew : EpochOutcome.Trained;
    }

    private TrainingRun Take(TrainingTask task, int done)
    {
        Directory.CreateDirectory(task.Folder.Root);
        var place = kept.FindIndex(item => item.Task.Folder.Root == task.Folder.Root);
        if (place >= 0)
        {
            var (before, run) = kept[place];
            kept.RemoveAt(place);
            if (before.Identity == task.Identity && ReferenceEquals(before.Sets, task.Sets) && run.EpochsDone == done)
            {
                return run;
            }

            run.Dispose();
        }

        return done == 0
            ? TrainingRun.Create(task.Setup, task.Training, task.Sets.Validation)
            : TrainingRun.Resume(task.Setup, task.Training, task.Sets.Validation, task.Folder.Checkpoint);
    }

    private void Keep(TrainingTask task, TrainingRun run)
    {
        if (run.EpochsDone == task.Setup.Recipe.Epochs)
        {
            run.Dispose();
            return;
        }

        kept.Add((task, run));
        if (kept.Count > live)
        {
            kept[0].Run.Dispose();
            kept.RemoveAt(0);
        }
    }

    private static int Saved(TrainingFolder folder)
    {
        if (!File.Exists(folder.Checkpoint))
        {
            return 0;
        }

        using var file = SafetensorsFile.Read(folder.Checkpoint);
        return
            file.Metadata.TryGetValue("epochsDone", out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var epochs)
            ? epochs
            : throw new InvalidDataException(
                $"{folder.Checkpoint}: __metadata__.epochsDone is {text ?? "missing"}; it must be a whole number. Delete {folder.Root} and continue the run."
            );
    }
}
