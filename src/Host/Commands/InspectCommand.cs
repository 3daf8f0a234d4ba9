using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline inspect</c>: footer, columns and first rows of a shard.</summary>
internal static class InspectCommand
{
    private const int DefaultRows = 5;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var path = new Argument<string>("SHARD") { Description = "A .parquet file that this program wrote." };
        var rows = RunCommand.Ranged(
            new Option<int?>("--rows")
            {
                Description = "Rows to show, from the first on; at least 0.",
                HelpName = "N",
                DefaultValueFactory = _ => DefaultRows,
            },
            0,
            int.MaxValue
        );
        var command = new Command("inspect", "Shows what a shard holds.") { path, rows };
        command.SetAction(
            (parsed, stop) =>
                PrintAsync(parsed.GetRequiredValue(path), parsed.GetValue(rows) ?? DefaultRows, parsed.InvocationConfiguration.Output, stop)
        );
        return command;
    }

    private static async Task<int> PrintAsync(string path, int rows, TextWriter output, CancellationToken stop)
    {
        if (!File.Exists(path))
            throw new UsageException($"{path} is not a file; it must be a shard. Look below runs/ and augmented/ of an output directory.");
        var full = Path.GetFullPath(path);
        var uri = Path.GetFileName(full);
        if (uri.Contains(':', StringComparison.Ordinal) || uri.Contains('\\', StringComparison.Ordinal) || StoreUri.IsTemporary(uri))
            throw new UsageException($"{path} has the name of no shard; it must be without ':' and '\\' and no temporary file. Rename it.");
        var store = new FolderStore(Path.GetDirectoryName(full) ?? ".");
        var footer = await ReadFooterAsync(store, uri, path, stop);
        WriteFooter(footer, output);
        output.WriteLine();
        var columns = new TextTable("column", "type");
        foreach (var field in await ShardFile.ReadSchemaAsync(store, uri, stop))
            columns.Add(field.Name, field.Type.ToString());
        columns.Write(output);
        await WriteRowsAsync(store, uri, rows, output, stop);
        return ExitCode.Done;
    }

    private static async Task<ShardFooter> ReadFooterAsync(FolderStore store, string uri, string path, CancellationToken stop)
    {
        try
        {
            return await ShardFile.ReadFooterAsync(store, uri, stop) ?? throw new UsageException($"{path} went away while it was read.");
        }
        catch (ShardDamagedException error)
        {
            throw new UsageException(
                $"{path} is no whole shard of this program: {error.Message} Where a run wrote the file, give the run's command again: it makes the shard anew."
            );
        }
    }

    private static void WriteFooter(ShardFooter footer, TextWriter output)
    {
        var table = new TextTable("footer", "");
        table.Add("schema", $"{footer.Schema}");
        table.Add("stage", footer.Stage);
        table.Add("batch", $"{footer.Batch}");
        table.Add("rows", Amounts.Count(footer.Rows));
        table.Add("seed", $"{footer.Seed}");
        table.Add("call size", $"{footer.CallSize}");
        table.Add("fingerprint", footer.Fingerprint);
        table.Add("content", footer.Content);
        foreach (var parent in footer.Parents)
            table.Add("parent", parent.ToString());
        foreach (var (key, value) in footer.Extra.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            table.Add(key, CellText.Shorten(value));
        table.Write(output);
    }

    private static async Task WriteRowsAsync(IShardStore store, string uri, int rows, TextWriter output, CancellationToken stop)
    {
        var shown = 0;
        if (rows == 0)
            return;
        await foreach (var group in ShardFile.ReadGroupsAsync(store, uri, stop: stop))
        {
            for (var row = 0; row < group.Rows && shown < rows; row++, shown++)
            {
                var table = new TextTable($"row {shown}", "");
                foreach (var column in group.Columns)
                    table.Add("  " + column.Name, CellText.Of(column, row));
                output.WriteLine();
                table.Write(output);
            }

            if (shown == rows)
                return;
        }
    }
}
