using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Stages.Runs;

/// <summary>Where everything that came in has gone: nothing is lost without a word.</summary>
public sealed record RunAccount
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>What is counted: <c>samples</c> or <c>edits</c>.</summary>
    public required string Of { get; init; }

    /// <summary>Number that came in.</summary>
    public required long In { get; init; }

    /// <summary>Number in the output.</summary>
    public long Kept { get; init; }

    /// <summary>Number left out on purpose, by reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Number set aside with their own error.</summary>
    public long Quarantined { get; init; }

    /// <summary>Number in batches that failed.</summary>
    public long Failed { get; init; }

    /// <summary>Number still on their way; 0 at the end of a run.</summary>
    public long InFlight { get; init; }

    /// <summary>What came in less all that is accounted for: above 0 if some are missing, below 0 if some are counted twice.</summary>
    public long Difference => In - Kept - Dropped.Values.Sum() - Quarantined - Failed - InFlight;

    /// <summary>Whether every one is accounted for, once.</summary>
    public bool Closes => Difference == 0;

    /// <summary>For a person: <c>samples 580 in = 580 kept + 0 dropped + 0 quarantined + 0 failed</c>; says by how many it does not close.</summary>
    public override string ToString()
    {
        var reasons = Dropped.Where(reason => reason.Value != 0).OrderBy(reason => reason.Key, StringComparer.Ordinal).ToList();
        var why = reasons.Count == 0 ? "" : $" ({string.Join(", ", reasons.Select(reason => $"{reason.Value} {reason.Key}"))})";
        var moving = InFlight == 0 ? "" : $" + {InFlight} in flight";
        var sum = $"{Kept} kept + {Dropped.Values.Sum()} dropped{why} + {Quarantined} quarantined + {Failed} failed{moving}";
        return Difference switch
        {
            0 => $"{Of} {In} in = {sum}",
            > 0 => $"{Of} {In} in is not {sum}: {Difference} missing",
            _ => $"{Of} {In} in is not {sum}: {-Difference} too many",
        };
    }

    /// <summary>The accounts of a run as indented JSON, an object for each in the given order; equal accounts give equal text.</summary>
    public static string ToJson(IEnumerable<RunAccount> accounts)
    {
        var file = new JsonObject();
        foreach (var account in accounts)
            file[account.Of] = account.Node();
        return file.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    private JsonObject Node()
    {
        var reasons = Dropped
            .OrderBy(reason => reason.Key, StringComparer.Ordinal)
            .Select(reason => KeyValuePair.Create(reason.Key, (JsonNode?)reason.Value));
        return new JsonObject
        {
            ["in"] = In,
            ["kept"] = Kept,
            ["dropped"] = new JsonObject(reasons),
            ["quarantined"] = Quarantined,
            ["failed"] = Failed,
            ["inFlight"] = InFlight,
            ["difference"] = Difference,
            ["closes"] = Closes,
        };
    }
}
