using System.Text;
using CsvHelper;

namespace Pipeline.Stages.Ingest;

/// <summary>A row of a table, and the line on which it begins; the header's is 1.</summary>
internal readonly record struct CsvLine(int Line, string[] Fields);

/// <summary>Reads the rows of a .csv or .tsv file (RFC 4180, UTF-8), the header first.</summary>
internal static class CsvTable
{
    private const int MostRecordBytes = 1 << 24;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Every line but empty ones; the file is opened for each walk.</summary>
    /// <exception cref="InputException">The file cannot be read, is not UTF-8, or a row has broken quotes or another number of fields than the header.</exception>
    public static IEnumerable<CsvLine> Read(string path, char delimiter)
    {
        using var reader = Opened(path, delimiter);
        var wanted = 0;
        while (Next(reader, path))
        {
            var line = (int)reader.LineNumber;
            wanted = wanted == 0 ? reader.FieldCount : wanted;
            if (reader.FieldCount != wanted)
                throw new InputException(
                    $"{path}, line {line} has {reader.FieldCount} fields; it must have {wanted}, as the header has. "
                        + "Correct the line: a field with the delimiter or a quote in it stands in double quotes."
                );
            var fields = new string[wanted];
            for (var index = 0; index < wanted; index++)
                fields[index] = Text(reader, index, path, line);
            yield return new(line, fields);
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
