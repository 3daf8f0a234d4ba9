using Pipeline.Stages.Report;

namespace Pipeline.Stages.Tests.Report;

public sealed class TextLinesTests
{
    [Theory]
    [InlineData("in thick fog", 8, 3, "in thick|fog")]
    [InlineData("in thick fog", 7, 3, "in|thick|fog")]
    [InlineData("in thick fog", 7, 2, "in|thic...")]
    [InlineData("abcdefghij", 4, 3, "abcd|efgh|ij")]
    [InlineData("", 4, 3, "")]
    public void Text_breaks_between_words_and_ends_with_dots_when_cut(string text, int width, int lines, string expected)
    {
        var wrapped = TextLines.Wrap(text, width, lines);

        string.Join('|', wrapped).Should().Be(expected);
    }
}
