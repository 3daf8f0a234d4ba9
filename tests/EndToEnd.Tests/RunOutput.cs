using System.Text.Json;
using Microsoft.Data.Sqlite;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.EndToEnd.Tests;

/// <summary>What lies in a run's output directory.</summary>
internal sealed class RunOutput(string directory)
{
    private readonly RunShards shards = new(new FolderStore(directory), IdIn(directory));

    /// <summary>The run's id.</summary>
    public string Id { get; } = IdIn(directory);

    /// <summary>The descriptions that were made.</summary>
    public string[] Domains =>
        JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(directory, "runs", Id, "describe", "domains.json"))) ?? [];

    /// <summary>Batches that the last run did not find done, as <c>stage/batch</c>.</summary>
    public IReadOnlyList<string> Redone
    {
        get
        {
            using var ledger = new SqliteConnection($"Data Source={Path.Combine(directory, "ledger.db")};Mode=ReadOnly;Pooling=False");
            ledger.Open();
            using var command = ledger.CreateCommand();
            command.CommandText = "select stage || '/' || batch from outcome where reused = 0 order by stage, batch";
            using var rows = command.ExecuteReader();
            var found = new List<string>();
            while (rows.Read())
            {
                found.Add(rows.GetString(0));
            }

            return found;
        }
    }

    /// <summary>All rows of a stage's shards.</summary>
    public async Task<List<T>> RowsAsync<T>(string stage)
        where T : notnull
    {
        var all = new List<T>();
        await foreach (var (_, rows) in shards.ReadAllAsync<T>(stage, CancellationToken.None))
        {
            all.AddRange(rows);
        }

        return all;
    }

    /// <summary>What a stage has set aside.</summary>
    public Task<IReadOnlyList<QuarantineRow>> QuarantineAsync(string stage) => shards.QuarantineAsync(stage, CancellationToken.None);

    /// <summary>Where a batch's shard lies.</summary>
    public string Shard(string stage, int batch) => Path.Combine(directory, "runs", Id, stage, $"{batch:D8}.parquet");

    private static string IdIn(string directory)
    {
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "run.json")));
        return run.RootElement.GetProperty("id").GetString() ?? "";
    }
}
