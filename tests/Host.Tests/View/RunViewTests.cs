using Pipeline.Host.View;
using Spectre.Console;

namespace Pipeline.Host.Tests.View;

public sealed class RunViewTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void Plain_view_writes_one_line_an_interval_and_the_last_report()
    {
        using var output = new StringWriter();
        using (var view = new PlainView(output, time))
        {
            view.Report(Progress.Of(Progress.Stage("edit", 1, 9)));
            time.Advance(4.9);
            view.Report(Progress.Of(Progress.Stage("edit", 2, 9)));
            time.Advance(0.1);
            view.Report(Progress.Of(Progress.Stage("edit", 3, 9)));
            time.Advance(1);
            view.Report(Progress.Of(Progress.Stage("edit", 4, 9)));
        }

        var lines = Lines(output);

        lines.Should().HaveCount(2);
        lines[0].Should().Contain("edit 3/9");
        lines[1].Should().Contain("edit 4/9");
    }

    [Fact]
    public void Plain_line_says_of_each_working_stage_rate_fill_quarantine_and_failures()
    {
        using var output = new StringWriter();
        using var view = new PlainView(output, time);
        var waiting = Progress.Stage("edit", 0, 0, state: "waiting for domains");
        view.Report(Progress.Of(Progress.Stage("caption", 0, 8), waiting));
        time.Advance(5);

        view.Report(
            Progress.Of(
                Progress.Stage("caption", 4, 8, items: 200, busy: 4) with
                {
                    MicroBatchFill = 0.92,
                    Quarantined = 3,
                    Failed = 1,
                },
                waiting,
                Progress.Stage("train", 0, 20) with
                {
                    Step = "epoch",
                }
            )
        );

        Lines(output)
            .Should()
            .Equal(
                "      12 s  caption 5/8, 40.0 images/s, fill 92 %, 3 quarantined, 1 failed | train 0/20 epochs | at least 3 s left, bottleneck caption"
            );
    }

    [Fact]
    public void Plain_view_says_what_is_waited_for_when_no_stage_works()
    {
        using var output = new StringWriter();
        using (var view = new PlainView(output, time))
            view.Report(
                Progress.Of(
                    Progress.Stage("edit", 0, 4, state: "waiting for domains"),
                    Progress.Stage("filter", 0, 4, state: "waiting for edit")
                )
            );

        var lines = Lines(output);

        lines.Should().Equal("      12 s  edit 0/4, waiting for domains");
    }

    [Fact]
    public void Plain_view_tells_once_and_at_once_that_a_stage_is_done()
    {
        using var output = new StringWriter();
        using (var view = new PlainView(output, time))
        {
            var done = Progress.Of(Progress.Stage("caption", 9, 9, items: 1580, state: "done") with { Quarantined = 2, Reused = 4 });
            view.Report(Progress.Of(Progress.Stage("caption", 8, 9)));
            view.Report(done);
            view.Report(done);
        }

        var lines = Lines(output);

        lines.Should().Equal("      12 s  caption done, 1,580 rows, 4 of 9 batches were there, 2 quarantined");
    }

    [Fact]
    public void Plain_view_writes_a_notice_at_once_and_once()
    {
        using var output = new StringWriter();
        using var view = new PlainView(output, time);
        var report = Progress.Of(Progress.Stage("edit", 1, 9));
        view.Report(report);

        view.Report(report with { Notice = "The disk is full." });
        view.Report(report with { Notice = "The disk is full." });

        Lines(output).Count(line => line.EndsWith("The disk is full.", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public void Live_view_draws_the_last_report_before_it_is_gone()
    {
        using var output = new StringWriter();
        using (var view = new LiveView(Console(output, AnsiSupport.Yes), time))
        {
            view.Report(Progress.Of(Progress.Stage("caption", 1, 9)));
            view.Report(
                Progress.Of(Progress.Stage("caption", 7, 9), Progress.Stage("edit", 0, 0, state: "paused: [disk] full")) with
                {
                    Notice = "Free space [now].",
                }
            );
        }

        var text = output.ToString();

        text.Should().Contain("caption").And.Contain("7/9").And.Contain("paused: [disk] full").And.Contain("Free space [now].");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_terminal_lines_are_written(bool plain)
    {
        using var output = new StringWriter();

        using var view = RunViews.Open(plain, Console(output, AnsiSupport.No), output, time);

        view.Should().BeOfType<PlainView>();
    }

    private static IAnsiConsole Console(StringWriter output, AnsiSupport ansi)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = ansi, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 140;
        return console;
    }

    private static string[] Lines(StringWriter output) =>
        output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
