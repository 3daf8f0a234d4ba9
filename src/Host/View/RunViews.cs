using Spectre.Console;

namespace Pipeline.Host.View;

/// <summary>Chooses the view that fits where the output goes.</summary>
internal static class RunViews
{
    /// <summary>A live table on a terminal, else lines; lines too when <paramref name="plain"/> asks for them.</summary>
    /// <param name="plain">Whether lines were asked for.</param>
    /// <param name="console">Where a live table is drawn.</param>
    /// <param name="output">Where lines are written.</param>
    /// <param name="time">Clock of rates and intervals.</param>
    public static IRunView Open(bool plain, IAnsiConsole console, TextWriter output, TimeProvider time) =>
        plain || !console.Profile.Out.IsTerminal || !console.Profile.Capabilities.Ansi
            ? new PlainView(output, time)
            : new LiveView(console, time);
}
