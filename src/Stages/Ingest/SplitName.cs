namespace Pipeline.Stages.Ingest;

/// <summary>The names by which splits are known, in any case of letters.</summary>
internal static class SplitName
{
    public const string Train = "train";

    public const string Validation = "validation";

    public const string Wanted = "train, val, valid, validation, dev, test or test_…";

    /// <summary>train, validation, test or test_…; null if the name is no split's.</summary>
    public static string? Canonical(string name)
    {
        var lower = name.ToLowerInvariant();
        return lower switch
        {
            Train => Train,
            "val" or "valid" or Validation or "dev" => Validation,
            _ when lower == "test" || (lower.StartsWith("test_", StringComparison.Ordinal) && lower.Length > 5) => lower,
            _ => null,
        };
    }

    /// <summary>Training first, since other stages wait for it; then validation, then tests.</summary>
    public static int Rank(string canonical) =>
        canonical switch
        {
            Train => 0,
            Validation => 1,
            _ => 2,
        };
}
