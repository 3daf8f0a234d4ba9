using System.Text;

namespace Pipeline.Models.Tests.Fuzz;

public sealed class FuzzRunTests
{
    [Theory]
    [InlineData("crash", "ended with code 137")]
    [InlineData("hang", "no end within")]
    [InlineData("throw", "not a rejection")]
    [InlineData("memory", "the memory was at")]
    public async Task Case_that_brings_the_reader_down_is_named(string fault, string said)
    {
        var end = await FuzzRun.OfAsync<LettersOnly>($"13,40,20,{fault},45", TimeSpan.FromSeconds(5));

        end.Fault.Should().StartWith("case 45 of seed 13").And.Contain(said);
    }

    [Fact]
    public async Task Damaged_files_are_counted_by_whether_they_could_be_read()
    {
        var end = await FuzzRun.OfAsync<LettersOnly>(seed: 13, count: 200);

        end.Fault.Should().BeNull();
        end.Read.Should().BeInRange(5, 195);
    }

    [Fact]
    public async Task Good_file_that_is_refused_is_a_fault_before_any_case()
    {
        var end = await FuzzRun.OfAsync<RefusesAll>(seed: 13, count: 5);

        end.Fault.Should().Be("case none of seed 13: the undamaged file letters is refused; it must be read");
    }

    [Fact]
    public void Case_is_made_by_its_seed_and_number_alone()
    {
        var first = FuzzCase.Make(new LettersOnly(), 11, 123);

        var again = FuzzCase.Make(new LettersOnly(), 11, 123);

        again.Bytes.Should().Equal(first.Bytes);
        FuzzCase.Make(new LettersOnly(), 12, 123).Bytes.Should().NotEqual(first.Bytes);
    }

    internal sealed class LettersOnly : IFuzzTarget
    {
        public IReadOnlyList<(string Name, byte[] Bytes)> Seeds => [("letters", Encoding.ASCII.GetBytes("the quick brown fox"))];

        public IReadOnlyList<byte[]> Words =>
            [
                [1],
            ];

        public bool Read(string name, byte[] bytes, int number) => bytes.All(letter => letter is >= 32 and < 127);
    }

    internal sealed class RefusesAll : IFuzzTarget
    {
        public IReadOnlyList<(string Name, byte[] Bytes)> Seeds => new LettersOnly().Seeds;

        public bool Read(string name, byte[] bytes, int number) => false;
    }
}
