using Pipeline.Stages.Ingest;
using Pipeline.Stages.Ingest.Tar;

namespace Pipeline.Stages.Tests.Ingest.Tar;

public sealed class BracePatternTests
{
    [Theory]
    [InlineData("a{8..11}.tar", "a8.tar a9.tar a10.tar a11.tar")]
    [InlineData("a{08..11}.tar", "a08.tar a09.tar a10.tar a11.tar")]
    [InlineData("{000000..000001}", "000000 000001")]
    [InlineData("{0..0}", "0")]
    [InlineData("{9..010}", "009 010")]
    [InlineData("{a,b}-{1..2}", "a-1 a-2 b-1 b-2")]
    [InlineData("{a,}", "a ")]
    public void Braces_stand_for_several(string pattern, string paths)
    {
        var expanded = BracePattern.Expand(pattern);

        string.Join(' ', expanded).Should().Be(paths);
    }

    [Theory]
    [InlineData("{1..2")]
    [InlineData("1..2}")]
    [InlineData("}{")]
    [InlineData("{}")]
    [InlineData("{a}")]
    [InlineData("{2..1}")]
    [InlineData("{a..c}")]
    [InlineData("{-1..2}")]
    [InlineData("{1..2..3}")]
    [InlineData("{{a,b},c}")]
    public void Other_braces_are_explained(string pattern)
    {
        var expand = () => BracePattern.Expand(pattern);

        expand.Should().Throw<InputException>().WithMessage($"The input {pattern} has *such as train-{{000000..000012}}.tar.*");
    }

    [Theory]
    [InlineData("{1..100000}", true)]
    [InlineData("{0..100000}", false)]
    [InlineData("{1..1000}{1..100}", true)]
    [InlineData("{1..1000}{1..101}", false)]
    [InlineData("{0..9223372036854775807}", false)]
    public void There_are_at_most_100000(string pattern, bool isRight)
    {
        var expand = () => BracePattern.Expand(pattern);

        if (isRight)
            expand().Should().HaveCount(100_000);
        else
            expand.Should().Throw<InputException>().WithMessage("*more than 100,000 files*");
    }
}
