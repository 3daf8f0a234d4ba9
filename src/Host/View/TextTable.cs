using System.Text;

namespace Pipeline.Host.View;

/// <summary>Rows under headings, columns padded with blanks: for reading and for <c>grep</c>, never wrapped.</summary>
internal sealed class TextTable(params IReadOnlyList<string> headings)
{
    private readonly List<IReadOnlyList<string>> rows = [];

    /// <summary>Adds a row; it has as many cells as there are headings.</summary>
    public void Add(params IReadOnlyList<string> cells)
    {
        if (cells.Count != headings.Count)
            throw new ArgumentException(
                $"The row has {cells.Count} cells; it must have {headings.Count}, one a heading. Add or leave out cells."
            );
        rows.Add([.. cells.Select(Clean)]);
    }

    /// <summary>One line each for the headings and every row; no blanks at line ends.</summary>
    public void Write(TextWriter output)
    {
        List<IReadOnlyList<string>> lines = [headings, .. rows];
        var widths = Enumerable.Range(0, headings.Count).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
            output.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    /// <summary>Text of a data set may hold anything: what could steer a terminal or break the line becomes U+FFFD.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var letter in text)
            clean.Append(char.IsControl(letter) || letter is '\u2028' or '\u2029' ? '\uFFFD' : letter);
        return clean.ToString();
    }
}
