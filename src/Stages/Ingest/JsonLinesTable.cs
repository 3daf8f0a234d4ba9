using System.Text;
using System.Text.Json;

namespace Pipeline.Stages.Ingest;

/// <summary>The rows of a .jsonl or .ndjson file (UTF-8): one JSON object a line, its fields the columns; empty lines are none.</summary>
/// <remarks>The first object says which column is which. Numbers, true and false are taken as the file writes them, null as not there.</remarks>
internal sealed class JsonLinesTable : IManifestTable
{
    private const int MostLineBytes = 1 << 24;
    private const int FirstBytes = 1 << 16;
    private const string Wanted = "it must be one JSON object such as {\"file_name\": \"a.jpg\", \"label\": \"cat\"}";

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>Reads the first object.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">There is none.</exception>
    public JsonLinesTable(string path)
    {
        Path = path;
        Head = Rows().FirstOrDefault();
        if (Head.Names is null)
            throw new InputException($"{path} is empty; it must have one JSON object a line, an image each. Name another file.");
    }

    public string Path { get; }

    public string Format => "jsonl";

    public ManifestRow Head { get; }

    public IEnumerable<ManifestRow> Rows()
    {
        using var file = Opened();
        var buffer = new byte[FirstBytes];
        var (start, end, line, isEnd) = (0, 0, 0, false);
        while (!isEnd || start < end)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0 && !isEnd)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                if (end > MostLineBytes)
                    throw TooLong(line + 1);
                if (end == buffer.Length)
                    Array.Resize(ref buffer, Math.Min(end * 2, MostLineBytes + 1));
                var more = Read(file, buffer.AsSpan(end));
                (end, isEnd) = (end + more, more == 0);
                continue;
            }

            var text = buffer.AsMemory(start, length < 0 ? end - start : length);
            start = Math.Min(end, start + text.Length + 1);
            if (line++ == 0 && text.Span.StartsWith(ByteOrderMark))
                text = text[ByteOrderMark.Length..];
            if (text.Span.ContainsAnyExcept(" \t\r"u8))
                yield return Row(line, text.Span);
        }
    }

    private ManifestRow Row(int line, ReadOnlySpan<byte> text)
    {
        var (names, values) = (new List<string>(), new List<string?>());
        var known = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(text);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw Wrong(line, $"is no JSON object; {Wanted}. Correct the line.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString() ?? "";
                if (!known.Add(name))
                    throw Wrong(line, $"names column '{name}' 2 times; each must have a name of its own. Rename one.");
                reader.Read();
                names.Add(name);
                values.Add(Value(line, name, ref reader));
            }

            reader.Read(); // nothing but white space may follow the object
        }
        catch (JsonException error)
        {
            throw Wrong(
                line,
                $"is no whole JSON object: it breaks at byte {error.BytePositionInLine}; {Wanted}. Correct the line; if it is the last, the file was cut off.",
                error
            );
        }
        catch (InvalidOperationException error)
        {
            throw Wrong(line, "has text that is not UTF-8; it must be UTF-8. Save the table as UTF-8.", error);
        }

        return new(line, [.. names], [.. values]);
    }

    private string? Value(int line, string name, ref Utf8JsonReader reader) =>
        reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Null => null,
            JsonTokenType.StartObject or JsonTokenType.StartArray => throw Wrong(
                line,
                $"has an object or a list in column '{name}'; it must be a text, a number, true, false or null. Write it as one, or take the column out."
            ),
            _ => Encoding.UTF8.GetString(reader.ValueSpan),
        };

    private FileStream Opened()
    {
        try
        {
            return new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{Path} cannot be opened: {error.Message} It must be a readable table. Check its permissions.",
                error
            );
        }
    }

    private int Read(FileStream file, Span<byte> buffer)
    {
        try
        {
            return file.Read(buffer);
        }
        catch (IOException error)
        {
            throw new InputException($"{Path} cannot be read: {error.Message} It must be a readable table. Check the disk.", error);
        }
    }

    private InputException TooLong(int line) =>
        Wrong(line, $"has more than {MostLineBytes:N0} bytes; a line must have at most so many. End each object with a line feed.");

    private InputException Wrong(int line, string what, Exception? inner = null) => new($"{Path}, line {line} {what}", inner);
}
