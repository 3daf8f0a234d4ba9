using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Pipeline.Stages.Report.Page;

/// <summary>Text that is HTML. What is put into it is escaped, unless it is HTML itself: there is no other way to make one from data.</summary>
internal sealed class Html
{
    /// <summary>Nothing.</summary>
    public static readonly Html Empty = new("");

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All); // escapes < > & and both quotes all the same
    private readonly string text;

    private Html(string text) => this.text = text;

    /// <summary>HTML with values in it: <c>Html.Of($"&lt;td&gt;{name}&lt;/td&gt;")</c>. Text is escaped for content and quoted attributes.</summary>
    public static Html Of(FormattableString text) =>
        new(string.Format(CultureInfo.InvariantCulture, text.Format, [.. text.GetArguments().Select(Escaped)]));

    /// <summary>A piece for each, a line each.</summary>
    public static Html Each<T>(IEnumerable<T> values, Func<T, Html> piece) =>
        new(string.Join('\n', values.Select(value => piece(value).text).Where(line => line.Length > 0)));

    /// <summary>The pieces one after the other, with nothing between them.</summary>
    public static Html All(IEnumerable<Html> pieces) => new(string.Concat(pieces));

    /// <summary>The page's own style, script or picture data, which holds nothing of the run's.</summary>
    public static Html Own(string text) => new(text);

    /// <inheritdoc/>
    public override string ToString() => text;

    private static object Escaped(object? value) =>
        value is Html html ? html.text : Encoder.Encode(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
}
