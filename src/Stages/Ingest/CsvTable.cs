using System.Text;
using CsvHelper;

namespace Pipeline.Stages.Ingest;

/// <summary>The rows of a .csv or .tsv file (RFC 4180, UTF-8) under its header; empty lines are none.</summary>
internal sealed class CsvTable : IManifestTable
{
    private const int MostRecordBytes = 1 << 24;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly char delimiter;

    /// <summary>Reads the header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="delimiter">Between two fields.</param>
    /// <exception cref="InputException">There is none.</exception>
    public CsvTable(string path, char delimiter)
    {
        (Path, this.delimiter) = (path, delimiter);
        var (line, names) = Lines().FirstOrDefault();
        Head = names is not null
            ? new(line, names, names)
            : throw new InputException($"{path} is empty; it must have a header and one row an image. Name another file.");
    }

    public string Path { get; }

    public string Format => "csv";

    public ManifestRow Head { get; }

    public IEnumerable<ManifestRow> Rows() => Lines().Skip(1).Select(line => new ManifestRow(line.Line, Head.Names, line.Fields));

    private IEnumerable<(int Line, string[] Fields)> Lines()
    {
        using var reader = Opened(Path, delimiter);
        var wanted = Head.Names?.Length ?? 0;
        while (Next(reader, Path))
        {
            var line = (int)reader.LineNumber;
            wanted = wanted == 0 ? reader.FieldCount : wanted;
            if (reader.FieldCount != wanted)
                throw new InputException(
                    $"{Path}, line {line} has {reader.FieldCount} fields; it must have {wanted}, as the header has. "
                        + "Correct the line: a field with the delimiter or a quote in it stands in double quotes."
                );
            var fields = new string[wanted];
            for (var index = 0; index < wanted; index++)
                fields[index] = Text(reader, index, Path, line);
            yield return (line, fields);
        }
    }

    private static CsvReader Opened(string path, char delimiter)
    {
        var options = CsvReaderOptions.Default with
        {
            Separator = delimiter,
            HasHeader = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            TrackLineNumbers = true,
            MaxRecordSize = MostRecordBytes,
        };
        try
        {
            return CsvReader.FromFile(path, options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{path} cannot be opened: {error.Message} It must be a readable table. Check its permissions.",
                error
            );
        }
    }

    private static bool Next(CsvReader reader, string path)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException error)
        {
            throw new InputException(
                $"{path}, line {error.LineNumber} has broken quotes: {error.Message} A field with a quote in it stands in double quotes, and the quote in it twice. "
                    + "Correct the line.",
                error
            );
        }
    }

    private static string Text(CsvReader reader, int index, string path, int line)
    {
        try
        {
            return Strict.GetString(reader.GetSpan(index));
        }
        catch (DecoderFallbackException error)
        {
            throw new InputException(
                $"{path}, line {line} has bytes in field {index + 1} that are not UTF-8; it must be UTF-8. Save the table as UTF-8.",
                error
            );
        }
    }
}
