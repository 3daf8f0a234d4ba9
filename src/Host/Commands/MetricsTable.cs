using System.Globalization;
using Pipeline.Host.View;
using Pipeline.Stages.Train;

namespace Pipeline.Host.Commands;

/// <summary><c>report/metrics.json</c> as a table: a line for each training and split, over all seeds.</summary>
internal static class MetricsTable
{
    private static readonly (string Heading, Func<MetricsRow, double?> Of)[] Scores =
    [
        ("accuracy", row => row.Accuracy),
        ("balanced", row => row.BalancedAccuracy),
        ("worst group", row => row.WorstGroup),
        ("macro F1", row => row.MacroF1),
    ];

    /// <summary>Prints it; nothing when there is no such file.</summary>
    public static void Print(string path, TextWriter output)
    {
        if (!File.Exists(path))
            return;
        var rows = MetricsFile.Read(path);
        var table = new TextTable(["training", "split", .. Scores.Select(score => score.Heading)]);
        foreach (var group in rows.GroupBy(row => (row.Training, row.Split)))
            table.Add([group.Key.Training, group.Key.Split, .. Scores.Select(score => Score([.. group.Select(score.Of)]))]);
        output.WriteLine();
        table.Write(output);
        var seeds = rows.Select(row => row.Seed).Distinct().Count();
        if (seeds > 1)
            output.WriteLine($"Mean ± standard deviation over {seeds} seeds.");
        if (rows.Any(row => row.Split == "validation"))
            output.WriteLine("The validation split chose the epochs: it is no measure of a model.");
        if (rows.Any(row => row.Init == "scratch"))
            output.WriteLine("The classifiers were trained from scratch, without published weights.");
    }

    /// <summary><c>0.512</c>, over several seeds <c>0.512 ± 0.013</c>; a dash where a seed has none.</summary>
    private static string Score(double?[] seeds)
    {
        if (seeds.Any(value => value is null))
            return "–";
        var values = seeds.OfType<double>().ToArray();
        var mean = values.Average();
        var text = mean.ToString("F3", CultureInfo.InvariantCulture);
        if (values.Length == 1)
            return text;
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        return string.Create(CultureInfo.InvariantCulture, $"{text} ± {deviation:F3}");
    }
}
