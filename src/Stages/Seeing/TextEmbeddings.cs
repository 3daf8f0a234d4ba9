using System.Collections.Concurrent;
using Pipeline.Models;

namespace Pipeline.Stages.Seeing;

/// <summary>Embeddings of texts that come again and again: a stage's prompts are few, its images many.</summary>
/// <param name="encoder">Embeds them; not disposed here.</param>
internal sealed class TextEmbeddings(IImageTextEncoder encoder)
{
    private const int MostKept = 1 << 16; // 200 MB of 768 values each

    private readonly ConcurrentDictionary<string, float[]> known = new(StringComparer.Ordinal);

    /// <summary>The embedding of each of the texts, of length 1.</summary>
    public IReadOnlyDictionary<string, float[]> Of(IEnumerable<string> texts, CancellationToken stop)
    {
        var wanted = texts.Distinct(StringComparer.Ordinal).ToList();
        var found = new Dictionary<string, float[]>(wanted.Count, StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var text in wanted)
        {
            if (known.TryGetValue(text, out var embedding))
            {
                found[text] = embedding;
            }
            else
            {
                missing.Add(text);
            }
        }

        if (missing.Count == 0)
        {
            return found;
        }

        var made = encoder.EmbedTexts(missing, stop);
        for (var index = 0; index < missing.Count; index++)
        {
            found[missing[index]] = made[index];
            if (known.Count < MostKept)
            {
                known[missing[index]] = made[index];
            }
        }

        return found;
    }
}
