using Microsoft.Data.Sqlite;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Tests.Runs;

public sealed class LedgerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ledger-").FullName;

    private string FilePath => Path.Combine(folder, "ledger.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_later_outcome_of_a_batch_replaces_the_earlier_one()
    {
        using (var ledger = new Ledger(FilePath))
        {
            ledger.Put(new LedgerRow("edit", 3, "failed", 0, 0, 0, false, "IOException: gone"));
            ledger.Flush();
            ledger.Put(new LedgerRow("edit", 3, "done", 64, 192, 1, false, null));
        }

        Rows().Should().Equal("edit|3|done|64|192|1|0|");
    }

    [Fact]
    public void What_was_put_is_there_after_a_flush_while_the_ledger_is_open()
    {
        using var ledger = new Ledger(FilePath);

        ledger.Put(new LedgerRow("edit", 0, "done", 1, 2, 0, true, null));
        var before = Rows();
        ledger.Flush();

        before.Should().BeEmpty();
        Rows().Should().Equal("edit|0|done|1|2|0|1|");
    }

    [Fact]
    public void Opened_again_it_is_empty_because_every_outcome_is_told_again()
    {
        using (var ledger = new Ledger(FilePath))
        {
            ledger.Put(new LedgerRow("edit", 0, "done", 1, 2, 0, true, null));
        }

        using var again = new Ledger(FilePath);

        Rows().Should().BeEmpty();
    }

    private List<string> Rows()
    {
        using var connection = new SqliteConnection($"Data Source={FilePath};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select * from outcome order by stage, batch";
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(field => reader.GetValue(field).ToString())));
        }

        return rows;
    }
}
