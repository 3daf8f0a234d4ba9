using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class DeclaredSplitsTests
{
    private static readonly IngestOptions Shares = new() { ValidationShare = 0.25, TestShare = 0.1 };

    [Fact]
    public void Every_class_and_group_is_divided_by_the_shares()
    {
        using var input = Table(40);

        var entries = input.Open(Shares).Entries().ToList();

        foreach (var stratum in entries.GroupBy(entry => (entry.LabelName, entry.Group)))
        {
            stratum
                .CountBy(entry => entry.Split)
                .Should()
                .BeEquivalentTo(
                    new Dictionary<string, int>
                    {
                        ["test"] = 2,
                        ["validation"] = 5,
                        ["train"] = 13,
                    }
                );
        }
    }

    [Fact]
    public void Split_of_an_image_stays_when_others_come_or_the_order_changes()
    {
        using var few = Table(40);
        using var more = Table(44, reverse: true);

        var before = few.Open(Shares).Entries().ToDictionary(entry => entry.Uri, entry => entry.Split);
        var after = more.Open(Shares).Entries().ToDictionary(entry => entry.Uri, entry => entry.Split);

        before.Count(image => after[image.Key] != image.Value).Should().BeLessThan(8);
        before.Should().Equal(few.Open(Shares).Entries().ToDictionary(entry => entry.Uri, entry => entry.Split));
    }

    [Fact]
    public void Another_seed_divides_otherwise()
    {
        using var input = Table(40);

        var one = input.Open(Shares).Entries().Select(entry => entry.Split);
        var other = input.Open(Shares with { SplitSeed = 1 }).Entries().Select(entry => entry.Split);

        other.Should().NotEqual(one);
    }

    [Fact]
    public void Source_with_splits_of_its_own_is_refused()
    {
        using var input = new InputFolder().With("train/a/1.png").With("val/a/2.png");

        var open = () => input.Open(Shares);

        open.Should().Throw<InputException>().WithMessage("*'val/a/2.png' is of validation*Leave the shares out.");
    }

    [Theory]
    [InlineData(0.9, 0, true)]
    [InlineData(0.91, 0, false)]
    [InlineData(-0.01, 0, false)]
    [InlineData(0.4, 0.5, true)]
    [InlineData(0.4, 0.51, false)]
    [InlineData(double.NaN, 0, false)]
    public void Shares_leave_images_to_train_on(double validation, double test, bool isRight)
    {
        var faults = new IngestOptions { ValidationShare = validation, TestShare = test }.Faults("ingest");

        faults.Any().Should().Be(!isRight);
    }

    private static InputFolder Table(int rows, bool reverse = false)
    {
        var input = new InputFolder();
        var lines = Enumerable.Range(0, rows).Select(row => $"{row:D3}.png,{(row % 2 == 0 ? "a" : "b")},{(row % 4 < 2 ? "x" : "y")}");
        lines = lines.Concat(
            Enumerable.Range(rows, rows).Select(row => $"{row:D3}.png,{(row % 2 == 0 ? "a" : "b")},{(row % 4 < 2 ? "x" : "y")}")
        );
        return input.WithTable(["file,label,group", .. reverse ? lines.Reverse() : lines]);
    }
}
