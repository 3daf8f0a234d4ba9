using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Pipeline.Stages.Isolation;

/// <summary>How often a process died in a model call with an item, until a call with it comes back: a file for each such item, a line for each crash.</summary>
/// <remarks>Lines are appended, so that hosts that share the folder do not write over one another. When one is counted twice because a process
/// died while it counted, an innocent item is tried alone once more than it had to be.</remarks>
/// <param name="folder">Of one stage and fingerprint; holds the marks too.</param>
internal sealed class CrashBook(string folder)
{
    /// <summary>Crashes from which on an item is suspect: one may have been another's fault, or nobody's.</summary>
    public const int Suspicion = 2;

    private const string Ending = ".crashes";
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<ItemKey, int> crashes = [];

    /// <summary>Items that are suspect.</summary>
    public int Suspects => crashes.Count(item => item.Value >= Suspicion);

    public bool IsSuspect(ItemKey item) => !crashes.IsEmpty && crashes.GetValueOrDefault(item) >= Suspicion;

    /// <summary>Those of the items that a process died with.</summary>
    public IReadOnlyList<ItemKey> Known(IEnumerable<ItemKey> items) => crashes.IsEmpty ? [] : [.. items.Where(crashes.ContainsKey)];

    /// <summary>Counts what dead processes left, and reads all counts anew.</summary>
    public void Look()
    {
        lock (gate)
        {
            CrashMark.TakeDead(folder, Count);
            foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + Ending) : [])
            {
                foreach (var item in Lines(path).GroupBy(item => item))
                {
                    crashes[item.Key] = item.Count();
                }
            }
        }
    }

    /// <summary>A call with the item came back.</summary>
    public void Clear(ItemKey item)
    {
        lock (gate)
        {
            crashes.TryRemove(item, out _);
            var path = PathOf(item);
            if (File.Exists(path))
            {
                File.Delete(path);
            }
        }
    }

    private static IEnumerable<ItemKey> Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path).Select(Read).OfType<ItemKey>();
        }
        catch (FileNotFoundException)
        {
            return []; // another host has just had the item back
        }
    }

    private static ItemKey? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ItemKey>(line, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null; // cut off on a full disk; its mark is still there
        }
    }

    private void Count(IReadOnlyList<ItemKey> items)
    {
        foreach (var item in items)
        {
            File.AppendAllText(PathOf(item), JsonSerializer.Serialize(item, JsonSerializerOptions.Web) + "\n");
        }
    }

    private string PathOf(ItemKey item)
    {
        var hash = XxHash128.Hash(Encoding.UTF8.GetBytes($"{item.SampleId}\0{item.VariantId}"));
        return Path.Combine(folder, Convert.ToHexStringLower(hash) + Ending);
    }
}
