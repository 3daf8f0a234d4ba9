using System.Text;

namespace Pipeline.Models.Clip;

/// <summary>What is done to a text before its words are cut: lower case, then NFC. White space is dropped where the words are cut.</summary>
internal static class ClipCleaning
{
    /// <summary>The first character that composes with another: below it every text is in NFC.</summary>
    private const char FirstCombining = '\u0300';

    /// <summary>The text as the words are cut from it; a text of plain lower-case ASCII is itself.</summary>
    public static string Clean(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.AsSpan().ContainsAnyInRange('A', 'Z')
                ? string.Create(text.Length, text, static (target, source) => Ascii.ToLower(source, target, out _))
                : text;
        }

        var lower = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == 'İ')
            {
                // Its lower case is two characters, which .NET's simple mapping cannot give.
                lower.Append("i\u0307");
                continue;
            }

            lower.Append(Rune.ToLowerInvariant(rune));
        }

        var result = lower.ToString();
        return result.AsSpan().IndexOfAnyInRange(FirstCombining, '\uFFFF') < 0 ? result : Nfc.Compose(result);
    }
}
