using System.Threading.Channels;
using Pipeline.Stages.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Host.View;

/// <summary>A table that is redrawn in place: one line a stage. Whoever reports never waits for the terminal; of reports not yet drawn the newest stays.</summary>
internal sealed class LiveView : IRunView
{
    private const int BarCells = 20;

    private readonly Channel<RunProgress> reports = Channel.CreateBounded<RunProgress>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    private readonly Task display;

    /// <summary>Begins to draw on <paramref name="console"/>; until <see cref="Dispose"/> nobody else may write there.</summary>
    public LiveView(IAnsiConsole console, TimeProvider time) => display = Task.Run(() => DrawAsync(console, new RunMeter(time)));

    /// <inheritdoc/>
    public void Report(RunProgress progress) => reports.Writer.TryWrite(progress);

    /// <summary>Draws the last report and leaves it on the screen.</summary>
    public void Dispose()
    {
        reports.Writer.TryComplete();
        display.Wait();
    }

    /// <summary>The table for one moment.</summary>
    internal static IRenderable Render(RunFigures figures)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Caption(
                Markup.Escape(
                    string.Join(", ", new[] { Amounts.Duration(figures.Elapsed), figures.Outlook }.Where(part => part.Length > 0))
                )
            );
        foreach (var heading in (string[])["stage", "", "done", "rate", "fill", "quarantined", "failed", "state"])
            table.AddColumn(new TableColumn(heading).NoWrap());
        foreach (var stage in figures.Stages)
            table.AddRow([.. Cells(stage, stage.Progress.Stage == figures.Bottleneck).Select(cell => new Markup(cell))]);
        return figures.Notice is { } notice ? new Rows(table, new Markup($"[yellow]{Markup.Escape(TextTable.Clean(notice))}[/]")) : table;
    }

    private static IEnumerable<string> Cells(StageFigures figures, bool isBottleneck)
    {
        var stage = figures.Progress;
        var filled = (int)(figures.Share * BarCells);
        yield return isBottleneck ? $"[bold]{Markup.Escape(stage.Stage)}[/]" : Markup.Escape(stage.Stage);
        yield return $"[green]{new string('━', filled)}[/][grey]{new string('━', BarCells - filled)}[/]";
        yield return figures.Count;
        yield return Markup.Escape(figures.Rate);
        yield return double.IsNaN(stage.MicroBatchFill) ? "" : Amounts.Share(stage.MicroBatchFill);
        yield return stage.Quarantined > 0 ? $"[yellow]{Amounts.Count(stage.Quarantined)}[/]" : "0";
        yield return stage.Failed > 0 ? $"[red]{stage.Failed}[/]" : "0";
        var state = Markup.Escape(TextTable.Clean(stage.State));
        yield return figures.IsDone ? $"[green]{state}[/]"
        : figures.IsWaiting ? $"[grey]{state}[/]"
        : state;
    }

    private Task DrawAsync(IAnsiConsole console, RunMeter meter) =>
        console
            .Live(new Text(""))
            .StartAsync(async context =>
            {
                await foreach (var progress in reports.Reader.ReadAllAsync())
                {
                    context.UpdateTarget(Render(meter.Read(progress)));
                }
            });
}
