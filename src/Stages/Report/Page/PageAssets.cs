using System.Reflection;

namespace Pipeline.Stages.Report.Page;

/// <summary>The page's style and scripts, which lie in the program.</summary>
internal static class PageAssets
{
    /// <summary>The page's own style behind that of the chart library.</summary>
    public static Html Style { get; } = Html.Own(Read("uPlot.min.css") + "\n" + Read("style.css"));

    /// <summary>uPlot (Leon Sorokin, MIT), unchanged, with its licence.</summary>
    public static Html Charts { get; } = Html.Own($"/*\n{Read("uPlot.LICENSE")}\n*/\n{Read("uPlot.iife.min.js")}");

    /// <summary>Draws the charts and filters the pairs.</summary>
    public static Html Script { get; } = Html.Own(Read("script.js"));

    private static string Read(string name)
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream($"Report/{name}")
            ?? throw new System.Resources.MissingManifestResourceException($"The resource Report/{name} is missing; it must be built in.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
