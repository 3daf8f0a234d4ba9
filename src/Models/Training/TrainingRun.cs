using Pipeline.Models.ResNet;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Training;

/// <summary>One training, epoch by epoch: weights, optimiser and the choice of the best epoch by the validation images.</summary>
/// <remarks>
/// <para>The result depends on setup and images alone; stopping after any epoch and going on from its checkpoint gives the same weights to the bit.</para>
/// <para>Calls are made by one thread at a time. An epoch that was stopped or failed leaves half its steps behind: the run then refuses to go on, and
/// is resumed from its last checkpoint.</para>
/// </remarks>
public sealed class TrainingRun : IDisposable
{
    private readonly TrainingSetup setup;
    private readonly ITrainingImages validation;
    private readonly ResNetModel model;
    private readonly MomentumSgd optimizer;
    private readonly TrainingBatch batch;
    private readonly Tensor classWeights;
    private readonly Device device;
    private readonly string fingerprint;
    private bool broken;

    private TrainingRun(TrainingSetup setup, ITrainingImages training, ITrainingImages validation, ResNetModel model)
    {
        this.setup = setup;
        this.validation = validation;
        this.model = model;
        var counts = ClassWeights.Count(training, setup.Classes);
        ClassWeights.Count(validation, setup.Classes);
        batch = new TrainingBatch(training, Recipe, setup.Seed, setup.Classes);
        fingerprint = TrainingCheckpoint.Fingerprint(setup, training, validation);
        device = new Device(setup.Device);
        model.to(device);
        using var scope = NewDisposeScope();
        var weights = Recipe.ClassWeights ? ClassWeights.ByRarity(counts) : [.. Enumerable.Repeat(1f, setup.Classes)];
        classWeights = tensor(weights).to(device).DetachFromDisposeScope();
        optimizer = new MomentumSgd(
            model.named_parameters().Select(item => (item.name, (Tensor)item.parameter)),
            Recipe.Momentum,
            Recipe.WeightDecay
        );
    }

    /// <summary>Epochs that are trained and evaluated; the next epoch's number.</summary>
    public int EpochsDone { get; private set; }

    /// <summary>The classes of the head that the initial weights had and that was replaced by a fresh one; null if nothing was replaced.</summary>
    public int? ReplacedHead { get; private set; }

    /// <summary>The epoch whose weights are the result so far; null before the first that may be chosen.</summary>
    public TrainingSelection? Selection { get; private set; }

    /// <summary>Bytes of the weights in memory, those of running means and variances among them.</summary>
    public long WeightBytes => model.parameters().Concat(model.buffers()).Sum(tensor => tensor.numel() * tensor.element_size());

    private TrainingRecipe Recipe => setup.Recipe;

    /// <summary>Begins a training.</summary>
    /// <exception cref="ArgumentException">The setup is out of range; the message lists every fault.</exception>
    /// <exception cref="InvalidDataException">There is no training image, an id comes twice, a label is out of range, or the initial weights do not fit.</exception>
    public static TrainingRun Create(TrainingSetup setup, TrainingSplit training, ValidationSplit validation) =>
        Open(
            setup,
            training,
            validation,
            model => setup.InitialWeights is { } path ? ResNetWeights.Initialize(model, path) : null,
            _ => { }
        );

    /// <summary>Goes on from a checkpoint of the same setup and images.</summary>
    /// <exception cref="InvalidDataException">The file is broken or of another training; the message says which.</exception>
    public static TrainingRun Resume(TrainingSetup setup, TrainingSplit training, ValidationSplit validation, string checkpoint) =>
        Open(setup, training, validation, _ => null, run => run.Load(checkpoint));

    /// <summary>Trains one epoch and evaluates it on the validation images.</summary>
    /// <param name="epoch">Must be <see cref="EpochsDone"/>, and less than the recipe's epochs.</param>
    /// <param name="stop">Looked at before each step and each evaluation call.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for; resume from the last checkpoint.</exception>
    /// <exception cref="InvalidDataException">The loss is no longer a number.</exception>
    public EpochResult RunEpoch(int epoch, CancellationToken stop)
    {
        if (broken || epoch != EpochsDone || epoch >= Recipe.Epochs)
        {
            throw new InvalidOperationException(
                broken
                    ? $"Epoch {EpochsDone} of this run was stopped midway; it must be trained whole. Resume from the last checkpoint."
                    : $"The epoch asked for is {epoch}; it must be {EpochsDone}, the next one, of {Recipe.Epochs}. Ask for the epochs in order."
            );
        }

        broken = true;
        set_num_threads(Recipe.Threads);
        var rate = Recipe.LearningRateAt(epoch);
        var (loss, accuracy) = Train(epoch, rate, stop);
        var (validationLoss, validationAccuracy) = Validate(stop);
        var best = Recipe.MayChoose(epoch) && (Selection?.ValidationAccuracy is not { } before || validationAccuracy > before);
        if (best)
        {
            var by = validationAccuracy is null ? TrainingSelection.ByLastEpoch : TrainingSelection.ByValidation;
            Selection = new TrainingSelection(epoch, validationAccuracy, by);
        }

        EpochsDone = epoch + 1;
        broken = false;
        return new EpochResult(epoch, rate, loss, accuracy, validationLoss, validationAccuracy, best);
    }

    /// <summary>
    /// Writes the state after the last epoch to <paramref name="checkpoint"/>; before it, if that epoch is the best so far, its weights to <paramref name="best"/>.
    /// </summary>
    /// <remarks>Each file is replaced whole or not at all, the checkpoint last: a crash between the two repeats the epoch and writes equal bytes.</remarks>
    public void SaveCheckpoint(string checkpoint, string best)
    {
        if (broken)
        {
            throw new InvalidOperationException(
                $"Epoch {EpochsDone} of this run was stopped midway; only whole epochs are saved. Resume from the last checkpoint."
            );
        }

        if (Selection is { } selection && selection.Epoch == EpochsDone - 1)
        {
            ResNetWeights.Save(
                model,
                best,
                new Dictionary<string, string> { ["architecture"] = Recipe.Architecture, ["epoch"] = $"{selection.Epoch}" }
            );
        }

        TrainingCheckpoint.Save(checkpoint, fingerprint, EpochsDone, Selection, model, optimizer);
    }

    /// <summary>Frees weights and optimiser.</summary>
    public void Dispose()
    {
        optimizer.ClearGradients();
        optimizer.Dispose();
        classWeights.Dispose();
        model.Dispose();
    }

    private static TrainingRun Open(
        TrainingSetup setup,
        TrainingSplit training,
        ValidationSplit validation,
        Func<ResNetModel, int?> begin,
        Action<TrainingRun> resume
    )
    {
        setup.Check();
        var network = ResNetModel.Create(setup.Recipe.Architecture, setup.Classes, setup.Seed);
        TrainingRun? run = null;
        try
        {
            var replaced = begin(network);
            run = new TrainingRun(setup, training.Images, validation.Images, network) { ReplacedHead = replaced };
            resume(run);
            return run;
        }
        catch
        {
            run?.Dispose();
            network.Dispose();
            throw;
        }
    }

    private void Load(string checkpoint) =>
        (EpochsDone, Selection) = TrainingCheckpoint.Load(checkpoint, fingerprint, model, optimizer, device);

    private (double Loss, double Accuracy) Train(int epoch, double rate, CancellationToken stop)
    {
        model.train();
        var (loss, hits) = (0.0, 0L);
        for (var step = 0; step < setup.StepsPerEpoch; step++)
        {
            stop.ThrowIfCancellationRequested();
            batch.Fill((long)epoch * setup.StepsPerEpoch + step);
            var (stepLoss, stepHits) = Step(rate);
            if (!double.IsFinite(stepLoss))
            {
                throw new InvalidDataException(
                    FormattableString.Invariant(
                        $"The loss of epoch {epoch}, step {step} is {stepLoss}; it must be a finite number. Lower the learning rate ({Recipe.LearningRate})."
                    )
                );
            }

            loss += stepLoss;
            hits += stepHits;
        }

        return (loss / setup.StepsPerEpoch, (double)hits / ((long)setup.StepsPerEpoch * Recipe.BatchSize));
    }

    private (double Loss, long Hits) Step(double rate)
    {
        using var scope = NewDisposeScope();
        var input = PixelInput.From(batch.Pixels, Recipe.BatchSize, Recipe.ImageSize, Recipe.Normalise, device);
        var targets = tensor(batch.Targets, [Recipe.BatchSize, setup.Classes]).to(device);
        optimizer.ClearGradients();
        var logits = model.call(input);
        var loss = WeightedCrossEntropy.Loss(logits, targets, classWeights);
        loss.backward();
        optimizer.Step(rate);
        var hits = logits.argmax(1).eq(targets.argmax(1)).sum();
        return (loss.ToDouble(), hits.ToInt64());
    }

    private (double? Loss, double? Accuracy) Validate(CancellationToken stop)
    {
        if (validation.Count == 0)
        {
            return (null, null);
        }

        model.eval();
        var calls = new ConstantSizeCalls(model, Recipe.BatchSize, Recipe.ImageSize, Recipe.Normalise, Recipe.Threads, device);
        var logits = calls.Logits(validation.Count, validation.Read, stop);
        var loss = logits.Select((row, index) => Softmax.Loss(row, validation.Label(index))).Average();
        var hits = logits.Where((row, index) => Softmax.Best(row) == validation.Label(index)).Count();
        return (loss, (double)hits / validation.Count);
    }
}
