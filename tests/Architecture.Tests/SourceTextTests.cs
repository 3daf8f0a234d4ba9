using System.Text.RegularExpressions;

namespace Pipeline.Architecture.Tests;

public sealed partial class SourceTextTests
{
    private const int MostLines = 400;

    [Fact]
    public void No_source_silences_an_analyser_or_leaves_work_undone()
    {
        var sources = SourceTree.AllProjects.SelectMany(project => project.Sources).ToList();

        var found =
            from source in sources
            from match in Banned().Matches(File.ReadAllText(source))
            select $"{SourceTree.Relative(source)} says {match.Value}";

        sources.Should().NotBeEmpty();
        found.Should().BeEmpty("a rule is turned off in .editorconfig alone, and what is not done is not written");
    }

    [Fact]
    public void Rule_on_texts_sees_what_it_bans()
    {
        string[] parts =
        [
            "#pragma",
            " warning disable X",
            "[assembly: ",
            "SuppressMessage(",
            "// TO",
            "DO",
            "// FIX",
            "ME",
            "new NotImplemented",
            "Exception()",
        ];

        var seen = Banned().Count(string.Concat(parts));

        seen.Should().Be(5);
    }

    [Fact]
    public void No_source_file_is_longer_than_a_reader_can_bear()
    {
        var sources = SourceTree.Projects.SelectMany(project => project.Sources).ToList();

        var tooLong = sources
            .Select(source => (source, lines: File.ReadLines(source).Count()))
            .Where(file => file.lines > MostLines)
            .Select(file => $"{SourceTree.Relative(file.source)} has {file.lines} lines; it must have at most {MostLines}");

        sources.Should().NotBeEmpty();
        tooLong.Should().BeEmpty();
    }

    [GeneratedRegex(
        @"#pragma\s+warning|(\[|:\s*)SuppressMessage\(|TO[D]O|FIX[M]E|NotImplemented[E]xception",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Banned();
}
