using Pipeline.Host.View;
using Pipeline.Models.Hub.Download;
using Spectre.Console;

namespace Pipeline.Host.Commands.Models;

/// <summary>Shows how far a download is: a bar a model on a terminal, else a line a file.</summary>
internal static class PullView
{
    /// <summary>Does the work and shows what it reports.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="plain">Whether lines were asked for.</param>
    /// <param name="console">Where bars are drawn.</param>
    /// <param name="output">Where lines are written.</param>
    /// <param name="work">Is given what takes its reports.</param>
    public static Task<T> ShowAsync<T>(bool plain, IAnsiConsole console, TextWriter output, Func<Action<PullProgress>, Task<T>> work) =>
        plain || !console.Profile.Out.IsTerminal || !console.Profile.Capabilities.Ansi
            ? work(Lines(output))
            : console
                .Progress()
                .Columns(
                    new TaskDescriptionColumn(),
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new DownloadedColumn(),
                    new TransferSpeedColumn(),
                    new RemainingTimeColumn()
                )
                .StartAsync(context => work(Bars(context)));

    private static Action<PullProgress> Lines(TextWriter output)
    {
        (string, string) told = default;
        return progress =>
        {
            if (told == (progress.Model, progress.File))
            {
                return;
            }

            told = (progress.Model, progress.File);
            var share = progress.Total == 0 ? "" : $", {Amounts.Bytes(progress.Done)} of {Amounts.Bytes(progress.Total)} there";
            output.WriteLine($"{progress.Model}: {TextTable.Clean(progress.File)}{share}");
        };
    }

    private static Action<PullProgress> Bars(ProgressContext context)
    {
        var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
        return progress =>
        {
            if (!bars.TryGetValue(progress.Model, out var bar))
            {
                bars[progress.Model] = bar = context.AddTask(Markup.Escape(progress.Model), maxValue: Math.Max(1, progress.Total));
            }

            bar.MaxValue = Math.Max(1, progress.Total);
            bar.Value = progress.Done;
        };
    }
}
