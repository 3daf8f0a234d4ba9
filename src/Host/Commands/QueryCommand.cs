using System.CommandLine;
using Pipeline.Host.Query;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline query</c>: SQL over the shards of a run, by DuckDB.</summary>
internal static class QueryCommand
{
    private const int TableRows = 40; // a screen

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The output directory of a run." };
        var sql = new Argument<string>("SQL")
        {
            Description =
                "One select of DuckDB's SQL. Views: one a stage, named as the stage (a word of SQL in quotes: \"select\"), augmented, and samples "
                + "and variants, where the stages are joined. 'show tables' and 'describe samples' list them.",
        };
        var format = new Option<string>("--format")
        {
            Description = "table, csv or json.",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => "table",
        };
        format.AcceptOnlyFromAmong("table", "csv", "json");
        var limit = RunCommand.Ranged(
            new Option<int?>("--limit")
            {
                Description = $"Rows at the most, at least 1; without it {TableRows} of a table, else all.",
                HelpName = "N",
            },
            1,
            int.MaxValue
        );
        var command = new Command("query", "Asks the shards of a run by SQL.") { directory, sql, format, limit };
        command.SetAction(
            (parsed, stop) =>
            {
                var opened = OutputDirectory.Open(parsed.GetRequiredValue(directory));
                using var database = RunDatabase.Open(opened, opened.ReadPipeline());
                using var rows = database.Read(parsed.GetRequiredValue(sql), stop);
                var output = parsed.InvocationConfiguration.Output;
                var most = parsed.GetValue(limit);
                switch (parsed.GetValue(format))
                {
                    case "csv":
                        QueryFormat.WriteCsv(rows, most ?? int.MaxValue, output);
                        break;
                    case "json":
                        QueryFormat.WriteJson(rows, most ?? int.MaxValue, output);
                        break;
                    default:
                        QueryFormat.WriteTable(rows, most ?? TableRows, output);
                        break;
                }

                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }
}
