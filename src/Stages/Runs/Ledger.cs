using System.Globalization;
using Microsoft.Data.Sqlite;
using Pipeline.Stages.Failures;

namespace Pipeline.Stages.Runs;

/// <summary>What became of every batch, for people: a projection of the store in SQLite that can be deleted and is rebuilt by the next run.</summary>
public sealed class Ledger : IDisposable
{
    private const int DiskFailed = 10; // SQLITE_IOERR: its index in shared memory found no room
    private const int DiskFull = 13; // SQLITE_FULL
    private readonly SqliteConnection connection;
    private readonly List<LedgerRow> pending = [];

    /// <summary>Opens the ledger, empty.</summary>
    /// <param name="path">The database file; what it held is dropped, because every outcome is told again.</param>
    public Ledger(string path)
    {
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Execute(
            """
            pragma journal_mode = wal; pragma synchronous = off;
            create table if not exists outcome (
                stage text not null, batch integer not null, state text not null, rows_in integer not null, rows integer not null,
                quarantined integer not null, reused integer not null, error text, primary key (stage, batch)) without rowid;
            delete from outcome;
            create table if not exists replay (
                id text primary key, by text not null, at text not null, asked text not null, dropped_all integer not null, claimed integer not null,
                done integer not null, failed_again integer not null, open integer not null, dropped integer not null) without rowid;
            delete from replay;
            """
        );
    }

    /// <summary>Takes an outcome; it is written by the next <see cref="Flush"/>. A later outcome of the same batch replaces it.</summary>
    public void Put(LedgerRow row)
    {
        lock (pending)
        {
            pending.Add(row);
        }
    }

    /// <summary>Writes what was put, in one transaction. What finds no room on the disk is kept for the next time: nothing depends on it.</summary>
    public void Flush()
    {
        LedgerRow[] rows;
        lock (pending)
        {
            rows = [.. pending];
        }

        if (rows.Length == 0)
        {
            return;
        }

        try
        {
            Write(rows);
        }
        catch (SqliteException full) when (full.SqliteErrorCode is DiskFull or DiskFailed)
        {
            return;
        }

        lock (pending)
        {
            pending.RemoveRange(0, rows.Length);
        }
    }

    /// <summary>Writes who had failed batches tried again, or gave them up, and what came of it.</summary>
    public void Put(IReadOnlyList<ReplayOutcome> replays)
    {
        foreach (var replay in replays)
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                "insert or replace into replay values ($id, $by, $at, $asked, $all, $claimed, $done, $again, $open, $dropped)";
            (string Name, object Value)[] values =
            [
                ("$id", replay.Audit.Id),
                ("$by", replay.Audit.By),
                ("$at", replay.Audit.At.ToString("O", CultureInfo.InvariantCulture)),
                ("$asked", replay.Audit.Asked),
                ("$all", replay.Audit.Dropped),
                ("$claimed", replay.Claimed),
                ("$done", replay.Done),
                ("$again", replay.FailedAgain),
                ("$open", replay.Open),
                ("$dropped", replay.Dropped),
            ];
            foreach (var (name, value) in values)
            {
                command.Parameters.AddWithValue(name, value);
            }

            command.ExecuteNonQuery();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        connection.Dispose();
    }

    private void Write(LedgerRow[] rows)
    {
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "insert or replace into outcome values ($stage, $batch, $state, $in, $rows, $quarantined, $reused, $error)";
        string[] names = ["$stage", "$batch", "$state", "$in", "$rows", "$quarantined", "$reused", "$error"];
        foreach (var name in names)
        {
            command.Parameters.Add(new SqliteParameter(name, null));
        }

        foreach (var row in rows)
        {
            object?[] values = [row.Stage, row.Batch, row.State, row.RowsIn, row.Rows, row.Quarantined, row.Reused, row.Error];
            for (var index = 0; index < values.Length; index++)
            {
                command.Parameters[index].Value = values[index] ?? DBNull.Value;
            }

            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private void Execute(string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}

/// <summary>What became of one batch in one stage.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Batch">Index of the batch.</param>
/// <param name="State"><c>done</c> or <c>failed</c>.</param>
/// <param name="RowsIn">Rows that it was given.</param>
/// <param name="Rows">Rows in its shard.</param>
/// <param name="Quarantined">Samples and variants set aside.</param>
/// <param name="Reused">True when a valid shard was found.</param>
/// <param name="Error">Type and message of the error; null when done.</param>
public sealed record LedgerRow(string Stage, int Batch, string State, int RowsIn, int Rows, int Quarantined, bool Reused, string? Error);
