using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Host.View;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs.Lineage;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline lineage</c>: where a sample or variant comes from and what became of it, from the files of its run alone.</summary>
internal static class LineageCommand
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // a score may be NaN
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("SAMPLE_OR_VARIANT")
        {
            Description =
                $"An id, its first {LineageIndex.FewestDigits} or more hexadecimal digits, or a source path such as train/red/0001.jpg.",
        };
        var run = new Option<string>("--run")
        {
            Description = "The output directory of the run.",
            HelpName = "DIR",
            Required = true,
        };
        var json = new Option<bool>("--json") { Description = "Prints JSON instead of text." };
        var command = new Command("lineage", "Says where a sample or variant comes from, and what became of it.") { name, run, json };
        command.SetAction(
            async (parsed, stop) =>
            {
                var record = await ReadAsync(parsed.GetRequiredValue(name), parsed.GetRequiredValue(run), stop);
                var output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(json))
                    await output.WriteLineAsync(JsonSerializer.Serialize(record, Form));
                else
                    LineageText.Write(record, output);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<LineageRecord> ReadAsync(string name, string directory, CancellationToken stop)
    {
        if (LineageIndex.IsHex(name) && name.Length < LineageIndex.FewestDigits)
            throw new UsageException(
                $"The id {name} has {name.Length} hexadecimal digits; it must have at least {LineageIndex.FewestDigits}. Give more of it, or a source path."
            );
        var opened = OutputDirectory.Open(directory);
        var pipeline = opened.ReadPipeline();
        var shards = new LineageShards(new FolderStore(opened.Root), opened.Run with { State = opened.State });
        var found = await new LineageIndex(shards, pipeline).FindAsync(name, stop);
        return found.Matches switch
        {
            [var subject] => await new LineageReader(shards, pipeline).ReadAsync(subject, stop),
            [] => throw new UsageException(
                $"{name} is no sample and no variant of this run; it must be an id, the first {LineageIndex.FewestDigits} or more digits of one, "
                    + $"or a source path. {(found.Nearest.Count == 0 ? "The run has no sample yet." : $"Nearest: {string.Join(", ", found.Nearest)}.")}"
            ),
            var matches => throw new UsageException(
                $"{name} is the beginning of {matches.Count}{(matches.Count == LineageIndex.MostMatches ? " or more" : "")} ids; "
                    + $"it must be of one. Give more digits: {string.Join("; ", matches)}."
            ),
        };
    }
}
