using Pipeline.Sdk;
using Pipeline.Stages.Isolation;

namespace Pipeline.Stages.Tests.Isolation;

public sealed class CrashBookTests : IDisposable
{
    private static readonly ItemKey One = new("1", null);
    private static readonly ItemKey Two = new("2", "2-0");
    private readonly string folder = Directory.CreateTempSubdirectory("crashes-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Items_of_two_calls_in_which_a_process_died_are_suspect_and_those_of_one_are_not()
    {
        DeadProcess.Leave(folder, [DeadProcess.Item("1"), DeadProcess.Item("2", "2-0")]);
        DeadProcess.Leave(folder, [DeadProcess.Item("2", "2-0"), DeadProcess.Item("2", "2-1")]);

        var book = Look();

        book.IsSuspect(Two).Should().BeTrue();
        book.IsSuspect(One).Should().BeFalse();
        book.IsSuspect(new ItemKey("2", "2-1")).Should().BeFalse();
        book.Suspects.Should().Be(1);
        book.Known([One, Two, new ItemKey("3", null)]).Should().Equal(One, Two);
    }

    [Fact]
    public void Mark_is_counted_once_and_goes()
    {
        DeadProcess.Leave(folder, [DeadProcess.Item("1")]);
        Look();

        var book = Look();

        book.IsSuspect(One).Should().BeFalse();
        Directory.GetFiles(folder, "*.mark").Should().BeEmpty();
    }

    [Fact]
    public void Counts_outlive_the_process_that_counted()
    {
        DeadProcess.Leave(folder, [DeadProcess.Item("1")]);
        Look();
        DeadProcess.Leave(folder, [DeadProcess.Item("1")]);
        Look();

        var book = Look();

        book.IsSuspect(One).Should().BeTrue();
    }

    [Fact]
    public void Mark_of_a_live_process_is_not_taken()
    {
        using var live = CrashMark.Take(folder);
        live!.Write([DeadProcess.Item("1")]);

        var book = Look();

        book.Known([One]).Should().BeEmpty();
        Directory.GetFiles(folder, "*.mark").Should().ContainSingle();
    }

    [Fact]
    public void Process_that_died_between_its_calls_blames_nothing()
    {
        DeadProcess.Leave(folder, [DeadProcess.Item("1")], []);

        var book = Look();

        book.Known([One]).Should().BeEmpty();
    }

    [Fact]
    public void Shorter_call_after_a_longer_one_is_read_alone()
    {
        var longer = Enumerable.Range(100, 500).Select(sample => DeadProcess.Item($"{sample}")).ToArray();
        DeadProcess.Leave(folder, longer, [DeadProcess.Item("1")]);

        var book = Look();

        book.Known(longer.Select(ItemKey.Of)).Should().BeEmpty();
        book.Known([One]).Should().Equal(One);
    }

    [Fact]
    public void Item_that_came_back_begins_anew()
    {
        DeadProcess.Leave(folder, [DeadProcess.Item("1")]);
        Look().Clear(One);
        DeadProcess.Leave(folder, [DeadProcess.Item("1")]);

        var book = Look();

        book.IsSuspect(One).Should().BeFalse();
        book.Known([One]).Should().Equal(One);
    }

    [Fact]
    public void Count_that_a_full_disk_cut_off_is_passed_over()
    {
        DeadProcess.Leave(folder, [DeadProcess.Item("1")]);
        Look();
        File.AppendAllText(Directory.GetFiles(folder, "*.crashes").Single(), "{\"sampleId\":\"1");

        var book = Look();

        book.Known([One]).Should().Equal(One);
        book.IsSuspect(One).Should().BeFalse();
    }

    [Fact]
    public void Mark_goes_with_its_process_when_that_ends_well()
    {
        var mark = CrashMark.Take(folder);

        mark!.Dispose();

        Directory.GetFiles(folder).Should().BeEmpty();
    }

    [Fact]
    public void Where_no_mark_can_be_made_there_is_none()
    {
        var file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");

        var mark = CrashMark.Take(file);

        mark.Should().BeNull();
    }

    private CrashBook Look()
    {
        var book = new CrashBook(folder);
        book.Look();
        return book;
    }
}
