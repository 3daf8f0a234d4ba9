namespace Pipeline.Models.Training;

/// <summary>Prepares the images and targets of one step: read, flip, augment. Every draw is keyed, so threads and order change nothing.</summary>
internal sealed class TrainingBatch
{
    private readonly ITrainingImages images;
    private readonly SampleOrder order;
    private readonly TrainingRecipe recipe;
    private readonly ulong seed;
    private readonly int classes;

    /// <summary>Makes the buffers of one batch, filled anew for each step.</summary>
    public TrainingBatch(ITrainingImages images, TrainingRecipe recipe, ulong seed, int classes)
    {
        this.images = images;
        this.recipe = recipe;
        this.seed = seed;
        this.classes = classes;
        order = new SampleOrder(images, seed);
        Pixels = new byte[recipe.BatchSize * ImageBytes];
        Targets = new float[recipe.BatchSize * classes];
    }

    /// <summary><c>[batch, 3, size, size] uint8</c>, RGB planes.</summary>
    public byte[] Pixels { get; }

    /// <summary><c>[batch, classes] float32</c>: the share of each class, each row sums to 1.</summary>
    public float[] Targets { get; }

    private int ImageBytes => 3 * recipe.ImageSize * recipe.ImageSize;

    /// <summary>Fills the buffers with the images of step <paramref name="step"/>, counted from the training's start.</summary>
    public void Fill(long step)
    {
        var places = order.Take(step * recipe.BatchSize, recipe.BatchSize);
        Parallel.For(0, places.Length, new ParallelOptions { MaxDegreeOfParallelism = recipe.Threads }, slot => Fill(slot, places[slot]));
    }

    private void Fill(int slot, SamplePlace place)
    {
        var rgb = Pixels.AsSpan(slot * ImageBytes, ImageBytes);
        var target = Targets.AsSpan(slot * classes, classes);
        var id = images.Id(place.Index);
        images.Read(place.Index, rgb);
        target.Clear();
        target[images.Label(place.Index)] = 1;
        if (recipe.Flip && KeyedRandom.For(seed, id, place.Pass, "flip").NextBoolean())
        {
            PixelPlanes.Flip(rgb, recipe.ImageSize);
        }

        if (recipe.Augmentation == Augmentation.RandAugment)
        {
            RandAugment.Apply(rgb, recipe.ImageSize, KeyedRandom.For(seed, id, place.Pass, "randaugment"));
        }
        else if (recipe.Augmentation == Augmentation.CutMix)
        {
            CutMix.Apply(rgb, target, recipe.ImageSize, images, order, KeyedRandom.For(seed, id, place.Pass, "cutmix"));
        }
    }
}
