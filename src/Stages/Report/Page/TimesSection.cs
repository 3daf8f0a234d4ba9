using System.Globalization;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>How long each stage was at work. The only part of the page that no two runs share.</summary>
internal static class TimesSection
{
    public static Html Render(RunTimes times) =>
        times.Bottleneck is not { } slowest
            ? Html.Of($"<p>No times were kept.</p>")
            : Html.Of(
                $"""
                <p>At work for {Figures.Time(times.Active)}, pauses left out: {Hours(times.Active)} machine hours.
                The bottleneck is <strong>{slowest.Stage}</strong>, at work for {Figures.Time(slowest.Active)} of these.
                Stages work at the same time; one that waits for the processor counts as at work.</p>
                {Parts.Table(
                    "Time, cost and size by stage",
                    "Cost is machine time: each moment divided equally among the stages at work in it, so that it adds up to the whole. Times the price of an hour, "
                        + "it is what a stage cost. These are measurements: another run has others.",
                    ["stage", "#at work", "#cost", "share of the cost", "#batches or epochs", "#rows", "#rows a second", "#written"],
                    Html.Each(times.Stages, stage => Row(stage, times)),
                    Html.Of(
                        $"""
                        <tr><th scope="row">whole run</th>{Parts.Number(Figures.Time(times.Active))}{Parts.Number(
                            Figures.Time(times.Active)
                        )}<td></td><td></td><td></td><td></td>{Parts.Number(Figures.Bytes(times.Stages.Sum(stage => stage.Bytes)))}</tr>
                        """
                    )
                )}
                """
            );

    private static Html Row(StageTime stage, RunTimes times)
    {
        var share = times.Active > TimeSpan.Zero ? stage.Cost / times.Active : 0;
        var rate = stage.Rows > 0 && stage.Active > TimeSpan.Zero ? Figures.Rate(stage.Rows / stage.Active.TotalSeconds) : Figures.None;
        return Html.Of(
            $"""
            <tr><th scope="row">{stage.Stage}</th>{Parts.Number(Figures.Time(stage.Active))}{Parts.Number(
                Figures.Time(stage.Cost)
            )}<td><div class="stack t1" role="img" aria-label="{Figures.Whole(share)}"><span style="--count:{Number(share)}"></span><span style="--count:{Number(
                1 - share
            )};--swatch:transparent"></span></div></td>{Parts.Number(Figures.Count(stage.Parts))}{Parts.Number(
                stage.Rows > 0 ? Figures.Count(stage.Rows) : Figures.None
            )}{Parts.Number(rate)}{Parts.Number(stage.Bytes > 0 ? Figures.Bytes(stage.Bytes) : Figures.None)}</tr>
            """
        );
    }

    private static string Hours(TimeSpan time) => time.TotalHours.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
