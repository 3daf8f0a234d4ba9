using System.Globalization;

namespace Pipeline.Stages.Ingest;

/// <summary>The order of classes, and so their labels: of their names alone, whatever order the source has them in.</summary>
internal static class ClassOrder
{
    /// <summary>By number if all are whole numbers (then 2 stands before 10), else ordinal; each name once.</summary>
    public static string[] Order(IEnumerable<string> names)
    {
        var distinct = names.ToHashSet(StringComparer.Ordinal);
        return distinct.All(name => IsNumber(name, out _))
            ? [.. distinct.OrderBy(name => IsNumber(name, out var number) ? number : 0).ThenBy(name => name, StringComparer.Ordinal)]
            : [.. distinct.Order(StringComparer.Ordinal)];
    }

    private static bool IsNumber(string name, out long number) =>
        long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
