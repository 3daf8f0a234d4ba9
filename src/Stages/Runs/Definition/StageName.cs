namespace Pipeline.Stages.Runs.Definition;

/// <summary>The rule of stage names, which become folders, queues and routing keys.</summary>
internal static class StageName
{
    private const int LongestLetters = 64;

    public const string Wanted = "1 to 64 lower-case letters, digits, - and _, the first a letter";

    public static bool IsGood(string name) =>
        name.Length is >= 1 and <= LongestLetters
        && char.IsAsciiLetterLower(name[0])
        && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_');
}
