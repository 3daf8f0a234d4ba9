using System.Text.RegularExpressions;
using CsCheck;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Transport.Embedded;

public sealed class TopicPatternTests
{
    private static readonly Gen<string> Key = Words(Gen.OneOf("a", "b", "ab", ""));

    private static readonly Gen<string> Pattern = Words(Gen.OneOf("a", "b", "ab", "", "*", "#"));

    [Fact]
    public void Matching_agrees_with_a_regular_expression()
    {
        var cases = Gen.Select(Pattern, Key);

        cases.Sample((pattern, key) => new TopicPattern(pattern).Matches(key) == Oracle(pattern).IsMatch(Worded(key)), iter: 10_000);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", false)]
    [InlineData("#", "", true)]
    [InlineData("*.*", "a.", true)]
    [InlineData("a", "a.", false)]
    [InlineData("#.#", "a", true)]
    [InlineData("#.a", "a.a.b.a", true)]
    [InlineData("a*", "ab", false)]
    public void Edges_are_those_of_topic_exchanges(string pattern, string key, bool expected)
    {
        var matches = new TopicPattern(pattern).Matches(key);

        matches.Should().Be(expected);
    }

    private static Gen<string> Words(Gen<string> word) => word.Array[0, 6].Select(words => string.Join('.', words));

    /// <summary>Each word of a pattern becomes a word with a dot after it, so that <c>#</c> is a plain repetition.</summary>
    private static Regex Oracle(string pattern)
    {
        var words = pattern.Length == 0 ? [] : pattern.Split('.');
        var parts = words.Select(word =>
            word switch
            {
                "*" => @"[^.]*\.",
                "#" => @"(?:[^.]*\.)*",
                _ => Regex.Escape(word) + @"\.",
            }
        );
        return new Regex($@"\A{string.Concat(parts)}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    private static string Worded(string key) => key.Length == 0 ? key : key + ".";
}
