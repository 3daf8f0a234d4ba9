using System.Globalization;
using DuckDB.NET.Data;
using Pipeline.Host.Commands;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Host.Query;

/// <summary>A run's shards as views of a database in memory, which can read those files and nothing else.</summary>
/// <remarks>
/// The database could also write below the folders that it may read; <see cref="SelectStatement"/> keeps it from that. Nothing spills to disk,
/// nothing is fetched, and the settings are locked before the first statement of a person.
/// </remarks>
internal sealed class RunDatabase : IDisposable
{
    private const string Batches = "[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9].parquet"; // no temporary files
    private readonly DuckDBConnection connection = new("DataSource=:memory:");

    private RunDatabase() { }

    /// <summary>Opens the run's shards as they are now; a stage without any has a view without rows.</summary>
    public static RunDatabase Open(OutputDirectory directory, PipelineDefinition pipeline)
    {
        var database = new RunDatabase();
        try
        {
            database.connection.Open();
            database.CreateViews(directory, pipeline);
            database.Lock(directory);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs one statement that only reads; the caller disposes what it gives.</summary>
    /// <exception cref="UsageException">The text is no such statement.</exception>
    /// <exception cref="DuckDBException">It cannot be run.</exception>
    public QueryRows Read(string sql, CancellationToken stop)
    {
        SelectStatement.Check(connection, sql);
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.UseStreamingMode = true;
        return QueryRows.Of(command, stop);
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private void CreateViews(OutputDirectory directory, PipelineDefinition pipeline)
    {
        var stages = pipeline.Stages.Where(stage => stage.Kind.Adds.Count > 0).ToList();
        foreach (var stage in stages)
        {
            string[] keys = stage.Kind.Adds.Contains("variant_id") ? ["sample_id", "variant_id"] : ["sample_id"];
            Create(stage.Name, directory.Root, $"runs/{directory.Run.Id}/{stage.Name}", Batches, [.. keys.Union(stage.Kind.Adds)]);
        }

        Create("augmented", directory.Root, "augmented", "*.parquet", ["sample_id", "variant_id"]);
        var joined = new JoinedViews(Columns);
        var rows = stages.Where(stage => stage.Kind is IRunnableKind { Form: StageForm.Source or StageForm.Rows }).ToList();
        var chosen = stages.Where(stage => stage.Kind is IRunnableKind { Form: StageForm.Whole }).Select(stage => stage.Name).ToList();
        if (rows.Count > 0)
            Execute(joined.Samples(NamesOf(rows, variants: false)));
        if (rows.Any(HasVariants))
            Execute(joined.Variants(NamesOf(rows, variants: true), chosen));
    }

    private static List<string> NamesOf(IEnumerable<StageDefinition> stages, bool variants) =>
        [.. stages.Where(stage => HasVariants(stage) == variants).Select(stage => stage.Name)];

    private static bool HasVariants(StageDefinition stage) => stage.Kind.Adds.Contains("variant_id");

    /// <summary>A view of all of a folder's files, columns put together by name: a column that a file lacks is null there.</summary>
    private void Create(string view, string root, string folder, string pattern, IReadOnlyList<string> columns)
    {
        var path = Path.Combine(root, folder);
        var found =
            Directory.Exists(path) && Directory.EnumerateFiles(path, "*.parquet").Any(file => !Path.GetFileName(file).StartsWith('.'));
        var source = found
            ? $"select * from read_parquet({Sql.Text(Sql.Pattern(path) + "/" + pattern)}, union_by_name = true)"
            : $"select {string.Join(", ", columns.Where(name => name != "*").Select(name => $"null as {Sql.Name(name)}"))} where false";
        Execute($"create or replace view {Sql.Name(view)} as {source}");
    }

    private void Lock(OutputDirectory directory)
    {
        // A pattern is held against the folders before it is expanded, so they stand there as patterns too.
        string[] folders = [$"{directory.Root}/runs/{directory.Run.Id}/", $"{directory.Root}/augmented/"];
        var allowed = folders.Concat(folders.Select(Sql.Pattern)).Distinct(StringComparer.Ordinal).Select(Sql.Text);
        Execute("set temp_directory = ''");
        Execute("set autoinstall_known_extensions = false");
        Execute("set autoload_known_extensions = false");
        Execute("set allow_community_extensions = false");
        Execute($"set allowed_directories = [{string.Join(", ", allowed)}]");
        Execute("set enable_external_access = false");
        Execute("set lock_configuration = true");
    }

    private List<string> Columns(string view)
    {
        using var command = connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"select column_name from (describe {Sql.Name(view)})");
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(reader.GetString(0));
        return names;
    }

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
