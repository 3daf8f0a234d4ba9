using System.CommandLine;
using Pipeline.Host.View;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Report;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Seeds;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Host.Commands;

/// <summary><c>pipeline compare</c>: what differs between two runs, and whether it is beyond noise.</summary>
internal static class CompareCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var first = new Argument<string>("DIR_A") { Description = "The output directory of a finished run." };
        var second = new Argument<string>("DIR_B") { Description = "The output directory of another." };
        var command = new Command("compare", "Says what differs between two finished runs, and whether it is beyond noise.")
        {
            first,
            second,
        };
        command.SetAction(
            async (parsed, stop) =>
            {
                var one = await ReadAsync(parsed.GetRequiredValue(first), stop);
                var two = await ReadAsync(parsed.GetRequiredValue(second), stop);
                Print(RunComparison.Of(one, two), parsed.InvocationConfiguration.Output);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<RunReport> ReadAsync(string directory, CancellationToken stop)
    {
        var opened = OutputDirectory.Open(directory);
        if (opened.State != "done")
            throw new UsageException(
                $"The run in {directory} is {opened.State}; it must be done. Give the run's command again, and wait for its end."
            );
        return await ReportFiles.ReadFactsAsync(new FolderStore(opened.Root), stop)
            ?? throw new UsageException(
                $"{directory} has no {ReportFiles.FactsUri}; it must have one to be compared. Make it with: pipeline report {directory}"
            );
    }

    private static void Print(RunComparison comparison, TextWriter output)
    {
        Write(output, "Options", comparison.Options, "equal");
        output.WriteLine(
            $"\nData: {(comparison.SameData ? "the same pictures under the same names" : "not the same pictures under the same names")}\n"
        );
        Write(output, "Counts", comparison.Counts, "equal");
        output.WriteLine();
        if (comparison.Measures.Count == 0)
        {
            output.WriteLine("Metrics: no training and split that both have");
            return;
        }

        var table = new TextTable("metric", "training", "split", "A", "B", "B less A", "");
        foreach (var row in comparison.Measures)
        {
            table.Add(
                row.Measure,
                row.Training,
                row.Split,
                Figures.Share(row.First),
                Figures.Share(row.Second),
                Figures.Points(row.Difference),
                Word(row.Difference.Noise)
            );
        }

        table.Write(output);
        output.WriteLine($"\n{Summary(comparison.Measures)}");
    }

    private static void Write(TextWriter output, string what, IReadOnlyList<Changed> changes, string none)
    {
        if (changes.Count == 0)
        {
            output.WriteLine($"{what}: {none}");
            return;
        }

        var table = new TextTable(what.ToLowerInvariant(), "A", "B");
        foreach (var change in changes)
            table.Add(change.Name, change.First, change.Second);
        table.Write(output);
    }

    private static string Word(Noise noise) =>
        noise switch
        {
            Noise.Beyond => "beyond noise",
            Noise.Within => "within noise",
            _ => "cannot be told from noise",
        };

    private static string Summary(IReadOnlyList<MeasureDifference> measures)
    {
        var known = measures.Where(row => row.Difference.Noise != Noise.Unknown).ToList();
        if (known.Count == 0)
            return "Nothing can be said about noise: a side has one seed, or no seed differs from another. Train more with --set train.seeds=5.";
        var beyond = known.Count(row => row.Difference.Noise == Noise.Beyond);
        return $"{beyond} of {known.Count} differences are beyond noise (Welch's t test between the seeds, p < 0.05; mean ± half of the 95 % t interval). "
            + "By chance alone one in 20 would be; validation chose the epochs and is no measure of a model.";
    }
}
