using System.Data;
using DuckDB.NET.Data;
using Pipeline.Host.Commands;

namespace Pipeline.Host.Query;

/// <summary>The rows of a query, read as they are asked for. Blobs are byte arrays, a struct is a dictionary.</summary>
internal sealed class QueryRows : IDisposable
{
    private readonly DuckDBCommand command;
    private readonly CancellationToken stop;
    private readonly CancellationTokenRegistration cancelling;
    private readonly DuckDBDataReader reader;

    private QueryRows(DuckDBCommand command, CancellationToken stop)
    {
        this.command = command;
        this.stop = stop;
        cancelling = stop.Register(command.Cancel);
        reader = Guarded(() => command.ExecuteReader());
        Names = Unique([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)]);
    }

    /// <summary>The columns; a name that is there twice gets a number.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Starts <paramref name="command"/>, which goes with the rows.</summary>
    /// <exception cref="UsageException">DuckDB refuses it.</exception>
    public static QueryRows Of(DuckDBCommand command, CancellationToken stop)
    {
        try
        {
            return new QueryRows(command, stop);
        }
        catch
        {
            command.Dispose();
            throw;
        }
    }

    /// <summary>The rows, once.</summary>
    /// <exception cref="UsageException">DuckDB fails on one of them.</exception>
    public IEnumerable<object?[]> Read()
    {
        while (Guarded(reader.Read))
            yield return
            [
                .. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : Cell(reader.GetValue(column))),
            ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cancelling.Dispose();
        reader.Dispose();
        command.Dispose();
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DuckDBException error)
        {
            stop.ThrowIfCancellationRequested();
            throw new UsageException(error.Message.TrimEnd());
        }
    }

    private static object? Cell(object? value) =>
        value switch
        {
            Stream blob => Bytes(blob),
            Dictionary<string, object?> fields => fields.ToDictionary(
                field => field.Key,
                field => Cell(field.Value),
                StringComparer.Ordinal
            ),
            _ => value,
        };

    private static byte[] Bytes(Stream blob)
    {
        using (blob)
        {
            var bytes = new byte[blob.Length];
            blob.ReadExactly(bytes);
            return bytes;
        }
    }

    private static string[] Unique(string[] names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. names.Select(name =>
            {
                var free = name;
                for (var number = 2; !seen.Add(free); number++)
                    free = $"{name}_{number}";
                return free;
            }),
        ];
    }
}
