using System.Globalization;
using Pipeline.Models.Images;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Report;

/// <summary>Draws originals beside their edits, with prompt, verdict and confidence under each: what a person looks at first.</summary>
public static class ContactSheet
{
    /// <summary>Where the sheet is written, relative to the store's root.</summary>
    public const string Uri = "report/contact-sheet.png";

    private const int Side = 192;
    private const int Frame = 5;
    private const int Gap = 14;
    private const int LinePixels = 11;
    private const int PromptLines = 3;
    private const int CellWidth = Side + (2 * Frame);
    private const int TextHeight = 7 + 19 + (PromptLines * LinePixels);
    private const int CellHeight = CellWidth + TextHeight;
    private const int HeaderHeight = 74 + (RuleLines * LinePixels) + 3;
    private const int RuleLines = 2;
    private const int LeastWidth = 640;
    private const int Title = 2;

    private const string Explanation =
        "Too easy: the base classifier is surer of the class than of an average original of it. Mislabelled: as sure of another class. "
        + "Kept: neither.";

    private static readonly Colour Ground = new(250, 250, 248);
    private static readonly Colour Ink = new(28, 30, 34);
    private static readonly Colour Faint = new(96, 100, 108);
    private static readonly Colour Rule = new(214, 215, 218);
    private static readonly Colour Mat = new(232, 233, 235);

    private static readonly (string Verdict, string Text, Colour Colour)[] Verdicts =
    [
        ("keep", "kept", new Colour(22, 140, 72)),
        ("too_easy", "too easy", new Colour(212, 136, 6)),
        ("mislabelled", "mislabelled", new Colour(196, 38, 46)),
    ];

    private static readonly (string Text, Colour Colour) Unfiltered = ("not filtered", new Colour(128, 132, 140));

    /// <summary>Draws the sheet and writes it as PNG to <see cref="Uri"/>; equal input gives equal bytes.</summary>
    /// <param name="store">The store of the output directory.</param>
    /// <param name="run">The run's name, for the title.</param>
    /// <param name="counts">From <see cref="Counts"/>.</param>
    /// <param name="sources">The rows, from the top.</param>
    /// <param name="stop">Ends the write.</param>
    public static Task WriteAsync(
        IShardStore store,
        string run,
        string counts,
        IReadOnlyList<SheetSource> sources,
        CancellationToken stop = default
    ) => store.WriteAsync(Uri, PngEncoder.Encode(Draw(run, counts, sources)), stop);

    /// <summary>What the whole run came to, one line: <c>240 originals, 1,440 edits: 543 kept, 676 too easy, 221 mislabelled</c>.</summary>
    /// <param name="originals">Originals that were edited.</param>
    /// <param name="all">What became of all edits.</param>
    public static string Counts(int originals, FunnelRow all) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{originals:N0} originals, {all.Made:N0} edits: {all.Passed:N0} kept, {all.TooEasy:N0} too easy, {all.Mislabelled:N0} mislabelled"
        );

    /// <summary>Draws the sheet: a header, then a row for each source, its original on the left.</summary>
    public static RgbImage Draw(string run, string counts, IReadOnlyList<SheetSource> sources)
    {
        var columns = 1 + sources.Select(source => source.Edits.Count).DefaultIfEmpty().Max();
        var width = Math.Max(LeastWidth, Gap + (columns * (CellWidth + Gap)) + Gap);
        var sheet = new Sheet(width, HeaderHeight + (Math.Max(sources.Count, 1) * (CellHeight + Gap)), Ground);
        DrawHeader(sheet, run, counts);
        if (sources.Count == 0)
            sheet.Write(Gap, HeaderHeight + Gap, "There are no edits to show.", Title, Faint);
        for (var row = 0; row < sources.Count; row++)
        {
            var top = HeaderHeight + (row * (CellHeight + Gap));
            DrawOriginal(sheet, top, sources[row]);
            for (var column = 0; column < sources[row].Edits.Count; column++)
                DrawEdit(sheet, Gap + Gap + ((column + 1) * (CellWidth + Gap)), top, sources[row].Edits[column]);
            sheet.Fill(Gap + CellWidth + Gap, top, 1, CellHeight - Gap, Rule);
        }

        return sheet.ToImage();
    }

    private static void DrawHeader(Sheet sheet, string run, string counts)
    {
        sheet.Write(Gap, 12, run, Title, Ink);
        sheet.Write(Gap, 34, counts, 1, Faint);
        var left = Gap;
        foreach (var (text, colour) in Verdicts.Select(verdict => (verdict.Text, verdict.Colour)).Append(Unfiltered))
        {
            sheet.Fill(left, 50, 10, 8, colour);
            sheet.Write(left + 15, 50, text, 1, Ink);
            left += 15 + ((text.Length + 3) * BitmapFont.Advance);
        }

        sheet.Write(left, 50, "the number is the base classifier's confidence", 1, Faint);
        var rule = TextLines.Wrap(Explanation, (sheet.Width - (2 * Gap)) / BitmapFont.Advance, RuleLines);
        for (var line = 0; line < rule.Count; line++)
            sheet.Write(Gap, 66 + (line * LinePixels), rule[line], 1, Faint);
        sheet.Fill(Gap, HeaderHeight - 8, sheet.Width - (2 * Gap), 1, Rule);
    }

    private static void DrawOriginal(Sheet sheet, int top, SheetSource source)
    {
        DrawPicture(sheet, Gap, top, source.Picture, Mat);
        var name = TextLines.Wrap(source.ClassName, CellWidth / (Title * BitmapFont.Advance), 2);
        for (var line = 0; line < name.Count; line++)
            sheet.Write(Gap, top + CellWidth + 7 + (line * 19), name[line], Title, Ink);
        sheet.Write(Gap, top + CellWidth + 7 + (name.Count * 19), "original", 1, Faint);
    }

    private static void DrawEdit(Sheet sheet, int left, int top, SheetEdit edit)
    {
        var (text, colour) = Array.Find(Verdicts, verdict => verdict.Verdict == edit.Verdict) is { Text: not null } known
            ? (known.Text, known.Colour)
            : Unfiltered;
        DrawPicture(sheet, left, top, edit.Picture, colour);
        var below = top + CellWidth + 7;
        sheet.Write(left, below, text, Title - 1, colour);
        sheet.Write(left + 1, below, text, Title - 1, colour);
        if (edit.Confidence is { } confidence)
        {
            var number = confidence.ToString("0.00", CultureInfo.InvariantCulture);
            sheet.Write(left + CellWidth - (number.Length * BitmapFont.Advance), below, number, 1, Ink);
        }

        var prompt = TextLines.Wrap(edit.Prompt, CellWidth / BitmapFont.Advance, PromptLines);
        for (var line = 0; line < prompt.Count; line++)
            sheet.Write(left, below + 14 + (line * LinePixels), prompt[line], 1, Ink);
    }

    /// <summary>The whole picture as large as fits, in the middle of its frame.</summary>
    private static void DrawPicture(Sheet sheet, int left, int top, RgbImage? picture, Colour frame)
    {
        sheet.Fill(left, top, CellWidth, CellWidth, frame);
        sheet.Fill(left + Frame, top + Frame, Side, Side, Mat);
        if (picture is null)
            return;
        var longer = Math.Max(picture.Width, picture.Height);
        var width = Math.Max(1, (int)((long)picture.Width * Side / longer));
        var height = Math.Max(1, (int)((long)picture.Height * Side / longer));
        sheet.Put(left + Frame + ((Side - width) / 2), top + Frame + ((Side - height) / 2), ImageResize.To(picture, width, height));
    }
}
