using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Pipeline.Host.Commands;

namespace Pipeline.Host.Query;

/// <summary>Tells statements that only read from all others: a COPY, say, could write over the shards that the database may read.</summary>
internal static partial class SelectStatement
{
    /// <summary>Passes one select, describe, summarize or show.</summary>
    /// <exception cref="UsageException">It is another statement, several or none, or DuckDB does not understand it.</exception>
    public static void Check(DuckDBConnection connection, string sql)
    {
        var native = connection.NativeConnection;
        var count = NativeMethods.ExtractStatements.DuckDBExtractStatements(native, sql, out var statements);
        using (statements)
        {
            if (count == 0 && NativeMethods.ExtractStatements.DuckDBExtractStatementsError(statements) is { Length: > 0 } error)
                throw new UsageException(error);
            if (count != 1)
                throw new UsageException($"The query holds {count} statements; it must be one select. Give one, without what follows.");
            var state = NativeMethods.ExtractStatements.DuckDBPrepareExtractedStatement(native, statements, 0, out var statement);
            using (statement)
            {
                if (state != DuckDBState.Success)
                    throw new UsageException(
                        NativeMethods.PreparedStatements.DuckDBPrepareError(statement) ?? "The query cannot be prepared."
                    );
                if (PreparedStatementType(statement) != DuckDBStatementType.Select)
                    throw new UsageException(
                        "The query does more than read; it must be one that only reads: select, describe, summarize or show. Ask for rows."
                    );
            }
        }
    }

    /// <summary>Of DuckDB's C interface; DuckDB.NET has it only for the result of a statement that was run.</summary>
    [LibraryImport("duckdb", EntryPoint = "duckdb_prepared_statement_type")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial DuckDBStatementType PreparedStatementType(DuckDBPreparedStatement statement);
}
