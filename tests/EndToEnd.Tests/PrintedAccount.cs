using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.EndToEnd.Tests;

/// <summary>An account line as a run prints it.</summary>
internal sealed partial record PrintedAccount(int In, int Kept, int Dropped, int Quarantined, int Failed)
{
    /// <summary>Whether everything that came in is told of.</summary>
    public bool Closes => In == Kept + Dropped + Quarantined + Failed;

    /// <summary>The one line of <paramref name="what"/>: samples or edits.</summary>
    public static PrintedAccount Of(string what, string printed)
    {
        var numbers = Line()
            .Matches(printed)
            .Single(match => match.Groups["of"].Value == what)
            .Groups["number"]
            .Captures.Select(number => int.Parse(number.ValueSpan, CultureInfo.InvariantCulture))
            .ToArray();
        return new PrintedAccount(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    [GeneratedRegex(
        @"^account: (?<of>\w+) (?<number>\d+) in = (?<number>\d+) kept \+ (?<number>\d+) dropped( \(.*\))? \+ (?<number>\d+) quarantined \+ (?<number>\d+) failed$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Line();
}
