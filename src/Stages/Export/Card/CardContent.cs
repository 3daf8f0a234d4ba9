using System.Text;

namespace Pipeline.Stages.Export.Card;

/// <summary>All that card and Croissant description tell of a finished data set.</summary>
/// <param name="Facts">How it was made.</param>
/// <param name="Options">License, creator and such, as far as the user has stated them.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="ClassNames">The classes; a label is an index into it.</param>
/// <param name="Columns">In file order.</param>
/// <param name="Files">The files, in the order of the splits.</param>
/// <param name="Counts">Rows by split, source, class and prompt.</param>
/// <param name="Verdicts">What was filtered.</param>
/// <param name="SamplesLeftOut">Samples that are not in it.</param>
/// <param name="EditsLeftOut">Selected edits that are not in it, because their samples are not.</param>
internal sealed record CardContent(
    ExportFacts Facts,
    ExportOptions Options,
    long Seed,
    IReadOnlyList<string> ClassNames,
    IReadOnlyList<CardColumn> Columns,
    IReadOnlyList<ExportedFile> Files,
    ExportCounts Counts,
    IReadOnlyList<ExportVerdicts> Verdicts,
    int SamplesLeftOut,
    int EditsLeftOut
)
{
    /// <summary>The data set's name: letters, digits and <c>-</c> alone.</summary>
    public string Name => Word(Facts.Pipeline, '-') + "-augmented";

    /// <summary>The splits in the order of their files.</summary>
    public IReadOnlyList<CardSplit> Splits { get; } = CardSplit.Of(Files);

    /// <summary>Text with everything but ASCII letters, digits, <c>_</c> and <c>-</c> replaced.</summary>
    public static string Word(string text, char replacement)
    {
        var word = new StringBuilder(text.Length);
        foreach (var letter in text)
            word.Append(char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : replacement);
        return word.ToString();
    }
}

/// <summary>A column as the card tells of it; <c>image.bytes</c> and <c>image.path</c> are one, <c>image</c>.</summary>
/// <param name="Name">In the files.</param>
/// <param name="Kind">Kind of its cells; null for <c>image</c>.</param>
/// <param name="Meaning">In a few words.</param>
internal sealed record CardColumn(string Name, Shards.ShardKind? Kind, string Meaning);

/// <summary>A split as readers find it.</summary>
/// <param name="Name">As the column <c>split</c> has it.</param>
/// <param name="Alias">The name under which <c>datasets</c> offers it, which takes letters, digits and <c>_</c> alone.</param>
/// <param name="Pattern">Matches its files and no others.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Bytes">Size of its files.</param>
internal sealed record CardSplit(string Name, string Alias, string Pattern, long Rows, long Bytes)
{
    /// <summary>Splits in the order of their first files.</summary>
    public static IReadOnlyList<CardSplit> Of(IReadOnlyList<ExportedFile> files)
    {
        var splits = new List<CardSplit>();
        foreach (var split in files.GroupBy(file => file.Split, StringComparer.Ordinal))
        {
            var alias = CardContent.Word(split.Key, '_').Replace('-', '_');
            while (splits.Exists(other => other.Alias == alias))
                alias += "_";
            var pattern = string.Concat(split.Key.Select(letter => letter is '*' or '?' or '[' or ']' or '{' or '}' or '!' ? '?' : letter));
            splits.Add(
                new CardSplit(
                    split.Key,
                    alias,
                    $"{pattern}-?????-of-?????.parquet",
                    split.Sum(file => file.Rows),
                    split.Sum(file => file.Bytes)
                )
            );
        }

        return splits;
    }
}
