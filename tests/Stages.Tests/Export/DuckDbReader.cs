using DuckDB.NET.Data;

namespace Pipeline.Stages.Tests.Export;

/// <summary>Asks DuckDB, a reader of Parquet that has nothing in common with ours.</summary>
internal static class DuckDbReader
{
    /// <summary>The rows of a query, cell by cell: bytes as an array, a list as its elements, null as null.</summary>
    public static List<object?[]> Query(string sql)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => Plain(reader.GetValue(column)))]);
        return rows;
    }

    private static object? Plain(object value)
    {
        if (value is not Stream stream)
            return value is DBNull ? null : value;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
