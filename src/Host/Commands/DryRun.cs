using System.Security.Cryptography;
using Pipeline.Host.View;
using Pipeline.Models.Hub;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Host.Commands;

/// <summary>Says what a run would do, and writes nothing.</summary>
internal static class DryRun
{
    public static async Task PrintAsync(RunSettings settings, TextWriter output, TimeProvider clock, CancellationToken stop)
    {
        var pipeline = RunSession.Read(settings.Pipeline, settings.Sets, settings.Catalog);
        var models = RunModels.Of(pipeline, settings.Models, settings.Pipeline);
        var ingest = pipeline.Stages.Select(stage => stage.Options).OfType<IngestOptions>().First();
        using var source = IngestSource.Open(Path.GetFullPath(settings.Input), ingest);
        if (settings.Offline)
        {
            source.CheckOffline();
        }

        var entries = source.Entries().Take(settings.Limit ?? int.MaxValue).Select(RunPlan.Keep).ToList();
        Head(output, "Graph");
        PrintGraph(pipeline, output);
        Head(output, "Options, as pipeline file");
        await output.WriteLineAsync(PipelineFile.Write(pipeline).TrimEnd());
        Head(output, "Input");
        PrintInput(source, entries, ingest.Batch, output);
        stop.ThrowIfCancellationRequested();
        var plan = await RunPlan.OfAsync(pipeline, source, entries, models.Library, clock, stop);
        Head(output, "Models");
        await PrintModelsAsync(plan, output, stop);
        PrintNamed(pipeline, models.Library, output);
        Head(output, "Estimate");
        PrintEstimate(plan, Path.GetFullPath(settings.Output), output);
        await output.WriteLineAsync("\nNothing was written.");
    }

    private static void Head(TextWriter output, string text) => output.WriteLine($"{(text == "Graph" ? "" : "\n")}{text}");

    private static void PrintGraph(PipelineDefinition pipeline, TextWriter output)
    {
        var table = new TextTable("  stage", "follows", "waits at its gate for", "makes");
        foreach (var stage in pipeline.Stages)
        {
            table.Add(
                "  " + (stage.Name == stage.Kind.Name ? stage.Name : $"{stage.Name} ({stage.Kind.Name})"),
                stage.After.Count > 0 ? string.Join(", ", stage.After) : "–",
                string.Join(", ", stage.Kind.Needs.Select(need => $"{need} of {MakerOf(pipeline, need)}")),
                stage.Kind.Makes ?? ""
            );
        }

        table.Write(output);
    }

    private static string MakerOf(PipelineDefinition pipeline, string artifact) =>
        pipeline.Stages.First(stage => stage.Kind.Makes == artifact).Name;

    private static void PrintInput(IngestSource source, List<SourceEntry> entries, int batch, TextWriter output)
    {
        var batches = (entries.Count + batch - 1) / batch;
        output.WriteLine(
            $"  {source.Root} ({source.Format}): {Amounts.Count(entries.Count)} samples in {Amounts.Count(batches)} {(batches == 1 ? "batch" : "batches")} of at most {batch}, "
                + $"{source.ClassNames.Count} classes, {Amounts.Bytes(entries.Sum(entry => entry.Size))}"
        );
        var table = new TextTable(["  split", "samples", .. source.ClassNames]);
        foreach (var split in entries.GroupBy(entry => entry.Split).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var classes = split.CountBy(entry => entry.Label).ToDictionary();
            table.Add([
                "  " + split.Key,
                Amounts.Count(split.Count()),
                .. source.ClassNames.Select((_, label) => Amounts.Count(classes.GetValueOrDefault(label))),
            ]);
        }

        table.Write(output);
    }

    private static async Task PrintModelsAsync(RunPlan plan, TextWriter output, CancellationToken stop)
    {
        var table = new TextTable("  stage", "model", "file", "size", "SHA-256");
        foreach (var (stage, model) in plan.Stages.SelectMany(stage => (stage.Plan?.Models ?? []).Select(model => (stage.Stage, model))))
        {
            if (model.File is { } path)
            {
                await using var file = File.OpenRead(path);
                var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop));
                table.Add("  " + stage, model.Name, Path.GetFullPath(path), Amounts.Bytes(file.Length), hash);
            }
            else
            {
                table.Add("  " + stage, model.Name, $"{model.Note}, no file", "", "");
            }
        }

        table.Write(output);
    }

    private static void PrintNamed(PipelineDefinition pipeline, ModelLibrary library, TextWriter output)
    {
        var table = new TextTable("  stage", "model", "revision", "licence", "size", "content", "folder");
        var isEmpty = true;
        foreach (var (stage, name) in pipeline.Stages.SelectMany(stage => stage.Options.Models.Select(name => (stage.Name, name))))
        {
            isEmpty = false;
            var folder = library.Find(name);
            var size = ModelLibrary.FilesOf(folder).Sum(file => file.Size);
            table.Add(
                "  " + stage,
                name,
                folder.Revision ?? "–",
                folder.Licence ?? "not stated",
                Amounts.Bytes(size),
                library.ContentOf(folder),
                folder.Path
            );
        }

        if (!isEmpty)
        {
            output.WriteLine();
            table.Write(output);
        }
    }

    private static void PrintEstimate(RunPlan plan, string directory, TextWriter output)
    {
        var table = new TextTable("  stage", "rows", "one core", "disk", "rests on");
        foreach (var (stage, one) in plan.Stages)
        {
            table.Add(
                "  " + stage,
                one is null ? "–" : Amounts.Count(one.Rows),
                one is null ? "–" : Amounts.Seconds(one.Work),
                one is null ? "–" : Amounts.Bytes(one.Bytes),
                one is null ? "nothing: this stage cannot tell" : one.Basis
            );
        }

        table.Write(output);
        output.WriteLine(
            $"  in all: {Amounts.Duration(plan.Time)} on {plan.Cores} cores when nothing else runs there, {Amounts.Bytes(plan.Bytes)} of disk; "
                + $"{Amounts.Bytes(Room(directory))} are free."
        );
        output.WriteLine(
            $"  An estimate from trials on {plan.Trials} samples of the input, in memory, just now. Rows are the most that there can be."
        );
    }

    /// <summary>Free bytes on the disk that holds the nearest folder above <paramref name="directory"/> that is there.</summary>
    private static long Room(string directory)
    {
        var folder = directory;
        while (!Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder) ?? "/";
        return new DriveInfo(folder).AvailableFreeSpace;
    }
}
