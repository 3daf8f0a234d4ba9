namespace Pipeline.Models.Tests.Golden;

/// <summary>The code that one case is run against. Every class of this assembly that implements this is found by itself.</summary>
public interface IGoldenCode
{
    /// <summary>The <c>name</c> in case.json.</summary>
    string Case { get; }

    /// <summary>What runs the file and reports each of its values; null if there is no code for it yet.</summary>
    Action<GoldenFile, GoldenReport>? For(string file);
}
