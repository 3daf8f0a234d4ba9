namespace Pipeline.Models.Language.Phrases;

/// <summary>One to three phrases of different roles that occur together, and the captions in which they do.</summary>
internal sealed record DomainCandidate(string Key, IReadOnlyList<CaptionPhrase> Parts, IReadOnlyList<int> Captions)
{
    // The more a description says of what it holds for, the better; a place says most, a property of the picture least.
    private const double SettingWorth = 1;
    private const double PlaceWorth = 2;
    private const double QualityWorth = 0.2;

    private const char Separator = '|';

    /// <summary>Keys of its phrases, setting first.</summary>
    public IReadOnlyList<string> Phrases { get; } = [.. Parts.Select(part => part.Key)];

    public bool HasSetting { get; } = Parts.Any(part => part.Role == PhraseRole.Setting);

    public bool HasPlace { get; } = Parts.Any(part => part.Role == PhraseRole.Place);

    /// <summary>What it is worth for each caption, beside others.</summary>
    public double Worth { get; } =
        Parts.Sum(part =>
            part.Role switch
            {
                PhraseRole.Setting => SettingWorth,
                PhraseRole.Place => PlaceWorth,
                _ => QualityWorth,
            }
        );

    /// <summary>Whether it says all that <paramref name="other"/> does: "perched on a branch" says "on a branch".</summary>
    public bool Says(DomainCandidate other) =>
        other.Phrases.All(phrase => Phrases.Any(own => own.EndsWith(phrase, StringComparison.Ordinal)));

    /// <summary>Every candidate of the captions, in ordinal order of their keys.</summary>
    public static IReadOnlyList<DomainCandidate> All(IReadOnlyList<IReadOnlyList<CaptionPhrase>> captions)
    {
        var found = new SortedDictionary<string, (CaptionPhrase[] Phrases, List<int> Captions)>(StringComparer.Ordinal);
        for (var caption = 0; caption < captions.Count; caption++)
        {
            foreach (var phrases in Combinations(captions[caption]))
            {
                var key = string.Join(Separator, phrases.Select(phrase => phrase.Key));
                if (!found.TryGetValue(key, out var entry))
                {
                    entry = (phrases, []);
                    found.Add(key, entry);
                }

                entry.Captions.Add(caption);
            }
        }

        return [.. found.Select(item => new DomainCandidate(item.Key, item.Value.Phrases, item.Value.Captions))];
    }

    /// <summary>At most one phrase of each role, in the order of the roles; never none.</summary>
    private static IEnumerable<CaptionPhrase[]> Combinations(IReadOnlyList<CaptionPhrase> phrases)
    {
        var settings = Options(phrases, PhraseRole.Setting);
        var places = Options(phrases, PhraseRole.Place);
        var qualities = Options(phrases, PhraseRole.Quality);
        return from setting in settings
            from place in places
            from quality in qualities
            let chosen = new[] { setting, place, quality }.OfType<CaptionPhrase>().ToArray()
            where chosen.Length > 0
            select chosen;
    }

    private static IEnumerable<CaptionPhrase?> Options(IReadOnlyList<CaptionPhrase> phrases, PhraseRole role) =>
        phrases.Where(phrase => phrase.Role == role).Prepend(null);
}
