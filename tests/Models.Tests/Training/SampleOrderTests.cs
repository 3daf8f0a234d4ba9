using Pipeline.Models.Training;

namespace Pipeline.Models.Tests.Training;

public sealed class SampleOrderTests
{
    [Fact]
    public void Every_pass_meets_each_sample_once_and_in_another_order()
    {
        var images = new ColouredImages(50, 4, 2);
        var order = new SampleOrder(images, seed: 5);

        var passes = order.Take(0, 150).Chunk(50).ToArray();

        passes.Should().OnlyContain(pass => pass.Select(place => place.Index).Distinct().Count() == 50);
        passes.Select(pass => pass[0].Pass).Should().Equal(0, 1, 2);
        passes.Select(pass => string.Join(' ', pass.Select(place => place.Index))).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_order_of_ids_does_not_depend_on_storage_or_on_how_the_stream_is_cut()
    {
        var (forward, backward) = (new ColouredImages(7, 4, 2), new ColouredImages(7, 4, 2, reversed: true));
        var (one, other) = (new SampleOrder(forward, 5), new SampleOrder(backward, 5));

        var whole = one.Take(0, 20).Select(place => forward.Id(place.Index));
        var cut = new[] { (0, 3), (3, 9), (12, 8) }
            .SelectMany(part => other.Take(part.Item1, part.Item2))
            .Select(place => backward.Id(place.Index));

        cut.Should().Equal(whole);
    }

    [Fact]
    public void Another_seed_gives_another_order()
    {
        var images = new ColouredImages(30, 4, 2);

        var one = new SampleOrder(images, 1).Take(0, 30);
        var other = new SampleOrder(images, 2).Take(0, 30);

        other.Should().NotEqual(one);
    }

    [Fact]
    public void An_empty_split_and_an_id_that_comes_twice_are_refused()
    {
        var empty = () => new SampleOrder(new ColouredImages(0, 4, 2), 0);
        var twice = () => new SampleOrder(new TwiceTheSameId(), 0);

        empty.Should().Throw<InvalidDataException>().WithMessage("*0 images*at least 1*");
        twice.Should().Throw<InvalidDataException>().WithMessage("*id same comes twice*");
    }

    private sealed class TwiceTheSameId : ITrainingImages
    {
        public int Count => 2;

        public string Id(int index) => "same";

        public int Label(int index) => 0;

        public void Read(int index, Span<byte> rgb) => rgb.Clear();
    }
}
