using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Export.Formats;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline export</c>: copies a finished run's data set into another form.</summary>
internal static class ExportCommand
{
    private static readonly Dictionary<string, ExportFormat> Formats = new(StringComparer.Ordinal)
    {
        ["webdataset"] = ExportFormat.WebDataset,
        ["imagefolder"] = ExportFormat.ImageFolder,
        ["coco-captions"] = ExportFormat.CocoCaptions,
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The output directory of a finished run." };
        var format = new Option<string>("--format")
        {
            Description = "webdataset (tar files), imagefolder (split/class/id.jpg and metadata.csv) or coco-captions.",
            HelpName = "FORMAT",
            Required = true,
        };
        format.AcceptOnlyFromAmong([.. Formats.Keys]);
        var output = new Option<string>("--output")
        {
            Description = "The folder that is made; missing or empty, outside DIR. It appears whole or not at all.",
            HelpName = "DIR2",
            Required = true,
        };
        var splits = new Option<string[]>("--split")
        {
            Description = "Only this split; may be repeated. Without it, all.",
            HelpName = "SPLIT",
            DefaultValueFactory = _ => [],
        };
        var shardBytes = RunCommand.Ranged(
            new Option<long?>("--shard-bytes")
            {
                Description = "Bytes after which a tar file ends; 1 MiB to 64 GiB, 256 MiB if not given. For webdataset alone.",
                HelpName = "BYTES",
            },
            FormatRequest.LeastShardBytes,
            FormatRequest.MostShardBytes
        );
        var command = new Command("export", "Copies the data set of a finished run into another form.")
        {
            directory,
            format,
            output,
            splits,
            shardBytes,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(shardBytes) is not null && result.GetValue(format) is { } given && given != "webdataset")
                result.AddError(
                    $"--shard-bytes is given with --format {given}, which has no shards; it must stand with webdataset. Leave it out."
                );
        });
        command.SetAction(
            (parsed, stop) =>
                ExportAsync(
                    OutputDirectory.Open(parsed.GetRequiredValue(directory)),
                    new FormatRequest
                    {
                        Format = Formats[parsed.GetRequiredValue(format)],
                        Output = parsed.GetRequiredValue(output),
                        Splits = parsed.GetRequiredValue(splits),
                        ShardBytes = parsed.GetValue(shardBytes) ?? FormatRequest.DefaultShardBytes,
                    },
                    parsed.InvocationConfiguration.Output,
                    stop
                )
        );
        return command;
    }

    private static async Task<int> ExportAsync(OutputDirectory directory, FormatRequest request, TextWriter output, CancellationToken stop)
    {
        if (directory.State != "done")
            throw new UsageException(
                $"The run in {directory.Root} is {directory.State}; it must be done. Give the run's command again, and export when it has ended."
            );
        var table = new TextTable("split", "images", "files");
        foreach (var (split, rows, files) in await FormatExport.WriteAsync(new FolderStore(directory.Root), request, stop))
            table.Add(split, Amounts.Count(rows), Amounts.Count(files));
        table.Write(output);
        await output.WriteLineAsync($"\noutput  {RunSummary.Shown(Path.GetFullPath(request.Output))}");
        return ExitCode.Done;
    }
}
