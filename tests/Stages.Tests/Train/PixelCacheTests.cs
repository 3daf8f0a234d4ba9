using Pipeline.Models.Images;
using Pipeline.Stages.Train;

namespace Pipeline.Stages.Tests.Train;

public sealed class PixelCacheTests : IDisposable
{
    private readonly WorkFolder work = new();
    private readonly ColourSamples colours = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Planes_are_those_of_the_decoder_whatever_the_workers()
    {
        var samples = colours.Set();
        using var cache = await OpenAsync(samples, "one", workers: 1);
        using var other = await OpenAsync(samples, "four", workers: 4);
        var image = ImageDecoder.DecodeToSize(ColourSamples.Png("train3", 0), 32, 32);
        var planes = new byte[3 * 32 * 32];

        cache.Where(sample => sample.Id == "train3").Read(0, planes);

        planes.Should().Equal(Enumerable.Range(0, planes.Length).Select(place => image.Pixels[place % 1024 * 3 + place / 1024]));
        File.ReadAllBytes(work.At("four")).Should().Equal(File.ReadAllBytes(work.At("one")));
    }

    [Fact]
    public async Task Whole_file_is_taken_without_loading_an_image()
    {
        var samples = colours.Set();
        (await OpenAsync(samples, "pixels")).Dispose();
        var before = colours.Loaded;

        using var cache = await OpenAsync(samples, "pixels");

        before.Should().Be(samples.Count);
        colours.Loaded.Should().Be(before);
        cache.Where(_ => true).Count.Should().Be(samples.Count);
    }

    [Theory]
    [InlineData("ids")]
    [InlineData("made")]
    [InlineData("size")]
    [InlineData("resize")]
    [InlineData("short")]
    [InlineData("long")]
    [InlineData("header")]
    public async Task File_of_other_content_is_made_anew(string change)
    {
        var samples = colours.Set();
        (await OpenAsync(samples, "pixels")).Dispose();
        var bytes = File.ReadAllBytes(work.At("pixels"));
        byte[] damaged = change switch
        {
            "short" => bytes[..^1],
            "long" => [.. bytes, 0],
            "header" => [(byte)'X', .. bytes[1..]],
            _ => bytes,
        };
        File.WriteAllBytes(work.At("pixels"), damaged);
        var wanted = change switch
        {
            "ids" => [.. samples.Reverse()],
            "made" => [.. samples.Select(sample => sample.Edited ? sample with { Made = "another quality" } : sample)],
            _ => samples,
        };

        using var cache = await PixelCache.OpenAsync(
            work.At("pixels"),
            wanted,
            new(change == "size" ? 48 : 32, change == "resize" ? ResizeQuality.Bicubic : ResizeQuality.Scaled),
            2,
            Stop
        );

        colours.Loaded.Should().Be(2 * samples.Count);
    }

    [Fact]
    public async Task Undecodable_image_is_left_out_and_named_also_when_the_file_is_reused()
    {
        TrainingSample[] samples =
        [
            colours.Sample("a", 0, "train"),
            colours.Sample("bad", 0, "train", bytes: [1, 2, 3]),
            colours.Sample("none", 1, "train", bytes: []),
            colours.Sample("b", 1, "train"),
        ];
        (await OpenAsync(samples, "pixels")).Dispose();

        using var cache = await OpenAsync(samples, "pixels");

        var images = cache.Where(_ => true);
        Enumerable.Range(0, images.Count).Select(images.Id).Should().Equal("a", "b");
        cache.Rejected.Select(rejected => (rejected.Id, rejected.Kind)).Should().Equal(("bad", "not-an-image"), ("none", "empty"));
        cache.Rejected.Should().OnlyContain(rejected => rejected.Message.Length > 0);
        colours.Loaded.Should().Be(4);
    }

    [Fact]
    public async Task Kill_midway_leaves_no_file_to_reuse()
    {
        var broken = new TrainingSample("b", 0, "", "train", false, _ => throw new IOException("the disk is gone"));
        var open = () => OpenAsync([colours.Sample("a", 0, "train"), broken], "pixels");

        await open.Should().ThrowAsync<IOException>();

        File.Exists(work.At("pixels")).Should().BeFalse();
    }

    [Fact]
    public async Task Id_that_comes_twice_is_an_error()
    {
        var open = () => OpenAsync([colours.Sample("a", 0, "train"), colours.Sample("a", 1, "train")], "pixels");

        await open.Should().ThrowAsync<InvalidDataException>().WithMessage("Sample id a comes twice;*");
    }

    [Fact]
    public async Task Sets_take_the_images_of_their_split()
    {
        var samples = colours.Set();
        using var cache = await OpenAsync(samples, "pixels");

        var sets = new TrainingImageSets(cache, samples, ColourSamples.ClassNames);

        sets.OriginalCount.Should().Be(10);
        sets.Training("original").Images.Count.Should().Be(10);
        sets.Training("original+cutmix").Images.Count.Should().Be(10);
        sets.Training("original+kept").Images.Count.Should().Be(14);
        sets.Validation.Images.Count.Should().Be(4);
        sets.Tests.Select(test => test.Name).Should().Equal("test", "test_b");
        sets.Tests[0].Groups.Should().Equal("g0", "g0", "g1", "g1");
    }

    [Theory]
    [InlineData("val", false)]
    [InlineData("validation", true)]
    [InlineData("test", true)]
    public async Task Unknown_split_and_an_edit_outside_of_training_are_errors(string split, bool edited)
    {
        TrainingSample[] samples = [colours.Sample("a", 0, split, edited: edited)];
        using var cache = await OpenAsync(samples, "pixels");

        var divide = () => new TrainingImageSets(cache, samples, ColourSamples.ClassNames);

        divide.Should().Throw<InvalidDataException>().WithMessage($"The split of * a is {split}; it must be *");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task<PixelCache> OpenAsync(IReadOnlyList<TrainingSample> samples, string name, int workers = 2) =>
        PixelCache.OpenAsync(work.At(name), samples, new(32), workers, Stop);
}
