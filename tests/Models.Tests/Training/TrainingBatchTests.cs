using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

public sealed class TrainingBatchTests
{
    [Theory]
    [InlineData(Augmentation.None)]
    [InlineData(Augmentation.RandAugment)]
    [InlineData(Augmentation.CutMix)]
    public void A_batch_depends_neither_on_threads_nor_on_storage_order(Augmentation augmentation)
    {
        var one = Batch(augmentation, threads: 1, reversed: false, step: 3);
        var other = Batch(augmentation, threads: 4, reversed: true, step: 3);

        other.Pixels.Should().Equal(one.Pixels);
        other.Targets.Should().Equal(one.Targets);
    }

    [Fact]
    public void A_sample_is_augmented_differently_in_another_pass()
    {
        var images = new ColouredImages(1, 32, 2);
        var batch = new TrainingBatch(
            images,
            new TrainingRecipe
            {
                ImageSize = 32,
                BatchSize = 8,
                Augmentation = Augmentation.RandAugment,
            },
            1,
            2
        );

        batch.Fill(0);

        batch.Pixels.Chunk(3 * 32 * 32).Select(Convert.ToHexString).Distinct().Count().Should().BeGreaterThan(4);
    }

    [Fact]
    public void Half_of_the_images_are_mirrored()
    {
        var images = new ColouredImages(200, 32, 2);
        var batch = new TrainingBatch(images, new TrainingRecipe { ImageSize = 32, BatchSize = 200 }, 1, 2);
        var plain = new TrainingBatch(
            images,
            new TrainingRecipe
            {
                ImageSize = 32,
                BatchSize = 200,
                Flip = false,
            },
            1,
            2
        );

        batch.Fill(0);
        plain.Fill(0);

        var same = batch.Pixels.Chunk(3072).Zip(plain.Pixels.Chunk(3072)).Count(pair => pair.First.SequenceEqual(pair.Second));
        same.Should().BeInRange(80, 120);
    }

    [Fact]
    public void CutMix_moves_as_much_of_the_target_as_it_covers()
    {
        // Class 0 is red and class 1 green: what is lit green in an image tells its share.
        var images = new ColouredImages(40, 32, 2);
        var recipe = new TrainingRecipe
        {
            ImageSize = 32,
            BatchSize = 40,
            Augmentation = Augmentation.CutMix,
            Flip = false,
        };
        var batch = new TrainingBatch(images, recipe, 1, 2);

        batch.Fill(0);

        var mixed = 0;
        foreach (var (pixels, target) in batch.Pixels.Chunk(3072).Zip(batch.Targets.Chunk(2)))
        {
            var green = pixels[1024..2048].Count(value => value >= 120) / 1024f;
            target.Sum().Should().BeApproximately(1, 1e-5f);
            target[1].Should().BeApproximately(green, 0.3f);
            mixed += target[1] is > 0.01f and < 0.99f ? 1 : 0;
        }

        mixed.Should().BeInRange(8, 30);
    }

    private static TrainingBatch Batch(Augmentation augmentation, int threads, bool reversed, long step)
    {
        var recipe = new TrainingRecipe
        {
            ImageSize = 32,
            BatchSize = 12,
            Augmentation = augmentation,
            Threads = threads,
        };
        var batch = new TrainingBatch(new ColouredImages(10, 32, 3, reversed), recipe, seed: 9, classes: 3);
        batch.Fill(step);
        return batch;
    }
}
