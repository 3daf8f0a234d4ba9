using Pipeline.Models.ResNet;
using Pipeline.Models.Tests.Weights;
using Pipeline.Models.Training;
using Pipeline.Models.Weights;
using TorchSharp;

namespace Pipeline.Models.Tests.Training;

public sealed class TrainingRunTests : IDisposable
{
    private static readonly TrainingRecipe Small = new()
    {
        ImageSize = 32,
        BatchSize = 8,
        Epochs = 3,
        LearningRate = 0.02,
        Augmentation = Augmentation.RandAugment,
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Resuming_after_every_epoch_gives_the_bytes_of_an_uninterrupted_run()
    {
        var setup = new TrainingSetup(Small, Classes: 2, StepsPerEpoch: 3, Seed: 4);
        using (var whole = TrainingRun.Create(setup, Training(), Validation()))
        {
            for (var epoch = 0; epoch < 3; epoch++)
            {
                whole.RunEpoch(epoch, CancellationToken.None);
                whole.SaveCheckpoint(folder.File("whole"), folder.File("whole-best"));
            }
        }

        using (var first = TrainingRun.Create(setup, Training(), Validation()))
        {
            first.SaveCheckpoint(folder.File("cut"), folder.File("cut-best"));
        }

        for (var epoch = 0; epoch < 3; epoch++)
        {
            using var run = TrainingRun.Resume(setup, Training(reversed: true), Validation(), folder.File("cut"));
            run.RunEpoch(epoch, CancellationToken.None);
            run.SaveCheckpoint(folder.File("cut"), folder.File("cut-best"));
        }

        File.ReadAllBytes(folder.File("cut")).Should().Equal(File.ReadAllBytes(folder.File("whole")));
        File.ReadAllBytes(folder.File("cut-best")).Should().Equal(File.ReadAllBytes(folder.File("whole-best")));
    }

    [Fact]
    public void Easy_classes_are_learned_and_the_best_epoch_is_kept()
    {
        var setup = new TrainingSetup(Small with { Augmentation = Augmentation.None }, Classes: 2, StepsPerEpoch: 14, Seed: 1);
        using var run = TrainingRun.Create(setup, Training(), Validation());

        var results = Enumerable.Range(0, 3).Select(epoch => Epoch(run, epoch)).ToArray();

        var best = results.Max(result => result.ValidationAccuracy);
        best.Should().BeGreaterThanOrEqualTo(0.8);
        results[2].TrainingLoss.Should().BeLessThan(results[0].TrainingLoss);
        run.Selection.Should()
            .Be(new TrainingSelection(Array.FindIndex(results, result => result.ValidationAccuracy == best), best, "validation accuracy"));
        using var file = SafetensorsFile.Read(folder.File("best"));
        file.Metadata["epoch"].Should().Be($"{run.Selection!.Epoch}");
    }

    [Fact]
    public void An_epoch_of_the_settling_share_is_not_chosen_however_good_and_going_on_keeps_to_that()
    {
        var setup = new TrainingSetup(Small with { SettlingShare = 0.7 }, Classes: 2, StepsPerEpoch: 1, Seed: 1);
        using (var begun = TrainingRun.Create(setup, Training(), Validation()))
        {
            Epoch(begun, 0).IsBest.Should().BeFalse();
            begun.Selection.Should().BeNull();
        }

        File.Exists(folder.File("best")).Should().BeFalse();
        using var run = TrainingRun.Resume(setup, Training(), Validation(), folder.File("checkpoint"));

        var later = new[] { Epoch(run, 1), Epoch(run, 2) };

        later.Select(result => result.IsBest).Should().Equal(false, true);
        run.Selection!.Epoch.Should().Be(2);
        File.Exists(folder.File("best")).Should().BeTrue();
    }

    [Fact]
    public void Without_validation_images_the_last_epoch_is_chosen_and_said_so()
    {
        var setup = new TrainingSetup(Small, Classes: 2, StepsPerEpoch: 1, Seed: 1);
        using var run = TrainingRun.Create(setup, Training(), new ValidationSplit(new ColouredImages(0, 32, 2)));

        var results = Enumerable.Range(0, 2).Select(epoch => Epoch(run, epoch)).ToArray();

        results.Should().OnlyContain(result => result.IsBest && result.ValidationAccuracy == null && result.ValidationLoss == null);
        run.Selection.Should().Be(new TrainingSelection(1, null, "last epoch"));
    }

    [Fact]
    public void An_epoch_that_was_stopped_must_be_resumed_from_a_checkpoint()
    {
        var setup = new TrainingSetup(Small, Classes: 2, StepsPerEpoch: 1, Seed: 1);
        using var run = TrainingRun.Create(setup, Training(), Validation());

        var stopped = () => run.RunEpoch(0, new CancellationToken(canceled: true));
        var again = () => run.RunEpoch(0, CancellationToken.None);
        var save = () => run.SaveCheckpoint(folder.File("a"), folder.File("b"));

        stopped.Should().Throw<OperationCanceledException>();
        again.Should().Throw<InvalidOperationException>().WithMessage("*stopped midway*");
        save.Should().Throw<InvalidOperationException>().WithMessage("*stopped midway*");
        Directory.GetFiles(folder.Root).Should().BeEmpty();
    }

    [Fact]
    public void Epochs_are_run_in_order()
    {
        var setup = new TrainingSetup(Small, Classes: 2, StepsPerEpoch: 1, Seed: 1);
        using var run = TrainingRun.Create(setup, Training(), Validation());

        var act = () => run.RunEpoch(1, CancellationToken.None);

        act.Should().Throw<InvalidOperationException>().WithMessage("*asked for is 1*must be 0*");
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_refused()
    {
        var setup = new TrainingSetup(Small, Classes: 2, StepsPerEpoch: 1, Seed: 1);
        using var run = TrainingRun.Create(setup, Training(), Validation());
        run.SaveCheckpoint(folder.File("a"), folder.File("b"));

        var seed = () => TrainingRun.Resume(setup with { Seed = 2 }, Training(), Validation(), folder.File("a"));
        var images = () => TrainingRun.Resume(setup, new TrainingSplit(new ColouredImages(9, 32, 2)), Validation(), folder.File("a"));

        seed.Should().Throw<InvalidDataException>().WithMessage("*is a checkpoint of the training*start this training anew*");
        images.Should().Throw<InvalidDataException>().WithMessage("*9 images*");
    }

    [Fact]
    public void A_checkpoint_without_its_momentum_is_refused()
    {
        var setup = new TrainingSetup(Small, Classes: 2, StepsPerEpoch: 1, Seed: 1);
        using var run = TrainingRun.Create(setup, Training(), Validation());
        Epoch(run, 0);
        using (var whole = SafetensorsFile.Read(folder.File("checkpoint")))
        {
            var rest = whole.Entries.Keys.Where(name => name != "momentum.fc.bias").Select(name => (name, whole.Tensor(name)));
            SafetensorsFile.Write(folder.File("part"), rest, whole.Metadata);
        }

        var act = () => TrainingRun.Resume(setup, Training(), Validation(), folder.File("part"));

        act.Should().Throw<InvalidDataException>().WithMessage("*61 momentum buffers are there after 1 epochs*");
    }

    [Fact]
    public void Faults_of_setup_and_labels_are_named()
    {
        var setup = new TrainingSetup(Small with { BatchSize = 1 }, Classes: 1, StepsPerEpoch: 0, Seed: 1);

        var settings = () => TrainingRun.Create(setup, Training(), Validation());
        var label = () =>
            TrainingRun.Create(new TrainingSetup(Small, 2, 1, 1), new TrainingSplit(new ColouredImages(5, 32, 3)), Validation());

        settings.Should().Throw<ArgumentException>().WithMessage("*batchSize is 1*class count is 1*steps of an epoch are 0*");
        label.Should().Throw<InvalidDataException>().WithMessage("*label of sample s0002 is 2*between 0 and 1*");
    }

    [Fact]
    public void Published_weights_start_a_training_and_a_head_of_another_size_is_reported()
    {
        using (var published = ResNetModel.Create("resnet18", 10, seed: 5))
        {
            ResNetWeights.Save(published, folder.File("init"));
        }

        var setup = new TrainingSetup(Small, Classes: 2, StepsPerEpoch: 1, Seed: 1, InitialWeights: folder.File("init"));
        using var run = TrainingRun.Create(setup, Training(), Validation());
        run.SaveCheckpoint(folder.File("a"), folder.File("b"));

        using var init = SafetensorsFile.Read(folder.File("init"));
        using var checkpoint = SafetensorsFile.Read(folder.File("a"));
        run.ReplacedHead.Should().Be(10);
        checkpoint.Bytes("model.conv1.weight").Should().Equal(init.Bytes("conv1.weight"));
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_training()
    {
        var setup = new TrainingSetup(
            Small with
            {
                LearningRate = 10,
                Momentum = 0.99,
                WeightDecay = 1,
            },
            Classes: 2,
            StepsPerEpoch: 60,
            Seed: 1
        );
        using var run = TrainingRun.Create(setup, Training(), Validation());

        var act = () => run.RunEpoch(0, CancellationToken.None);

        act.Should().Throw<InvalidDataException>().WithMessage("*must be a finite number. Lower the learning rate (10)*");
    }

    [Fact]
    public void Tensors_do_not_pile_up_over_epochs()
    {
        var setup = new TrainingSetup(Small with { Augmentation = Augmentation.CutMix }, Classes: 2, StepsPerEpoch: 2, Seed: 1);
        using var run = TrainingRun.Create(setup, Training(), Validation());
        Epoch(run, 0);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Epoch(run, 1);
        Epoch(run, 2);

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    [Fact]
    public void Nothing_that_fits_or_chooses_takes_a_test_split()
    {
        var users = typeof(TrainingRun)
            .Assembly.GetTypes()
            .SelectMany(type =>
                type.GetMethods().Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(TestSplit)))
            )
            .Where(method => method.DeclaringType != typeof(TestSplit));

        users.Should().ContainSingle().Which.DeclaringType.Should().Be<ImageClassifier>();
    }

    private EpochResult Epoch(TrainingRun run, int epoch)
    {
        var result = run.RunEpoch(epoch, CancellationToken.None);
        run.SaveCheckpoint(folder.File("checkpoint"), folder.File("best"));
        return result;
    }

    private static TrainingSplit Training(bool reversed = false) => new(new ColouredImages(22, 32, 2, reversed));

    private static ValidationSplit Validation() => new(new ColouredImages(11, 32, 2, name: "v"));
}
