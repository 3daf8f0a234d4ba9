namespace Pipeline.Models.Language.Phrases;

/// <summary>Domain descriptions by counting: which phrases occur in many captions, and which occur together. No language model.</summary>
/// <remarks>
/// <para>Each description is <c>a photo of a {} in fog over grey ground</c>: a setting, a place and a quality at the most, as they were found together, with
/// <c>{}</c> where the class name goes. They are chosen one by one for the captions that they describe, less for captions described already
/// and for phrases used already, so that they differ.</para>
/// <para>The result depends on the set of captions, not on their order or on repeats. Ties go to the phrase that is first in ordinal order.</para>
/// </remarks>
public sealed class PhraseSummarizer : IDomainSummarizer
{
    /// <summary>Stands for the name of the class in a description.</summary>
    public const string Placeholder = "{}";

    /// <summary>Descriptions at the most: ALIA asks for fewer than ten.</summary>
    public const int MostDescriptions = 9;

    private const string Opening = "a photo of a " + Placeholder;

    // Phrases of less than one caption in thirty are that image's, not the domain's.
    private const double LeastShare = 1.0 / 30;

    // From this share of captions with a setting on, a description without one leaves out what the data set tells.
    private const double MostlySet = 0.8;

    // A phrase that is in a chosen description already is worth this much again.
    private const double Repetition = 0.6;

    // A caption that is described three times needs no more.
    private const int Described = 3;

    private const int MostNamed = 12;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is not between 1 and 9.</exception>
    public ValueTask<IReadOnlyList<string>> SummarizeAsync(
        IReadOnlyList<string> captions,
        IReadOnlyList<string> classNames,
        int limit,
        CancellationToken stop
    )
    {
        if (limit is < 1 or > MostDescriptions)
        {
            throw new ArgumentOutOfRangeException(
                nameof(limit),
                $"The number of descriptions wanted is {limit}; it must be between 1 and {MostDescriptions}. Set describe.limit in that range."
            );
        }

        stop.ThrowIfCancellationRequested();
        var reader = new CaptionReader(new ClassWords(classNames));
        IReadOnlyList<CaptionPhrase>[] read =
        [
            .. captions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(reader.Read),
        ];
        var candidates = Candidates(read);
        if (candidates.Count == 0)
        {
            throw new InvalidDataException(Nothing(captions, classNames));
        }

        var chosen = Choose(candidates, read.Length, Support(candidates, read.Length), limit, stop);
        var texts = Texts(read);
        return ValueTask.FromResult<IReadOnlyList<string>>([
            .. chosen
                .OrderByDescending(candidate => candidate.Captions.Count)
                .ThenBy(candidate => candidate.Key, StringComparer.Ordinal)
                .Select(candidate => Sentence(candidate, texts)),
        ]);
    }

    /// <summary>Candidates with a setting where nearly all captions have one, else with a setting or a place; qualities alone only where nothing else was found.</summary>
    private static List<DomainCandidate> Candidates(IReadOnlyList<CaptionPhrase>[] read)
    {
        var all = DomainCandidate.All(read);
        var set = read.Count(phrases => phrases.Any(phrase => phrase.Role == PhraseRole.Setting));
        if (set > 0 && set >= MostlySet * read.Length)
        {
            return [.. all.Where(candidate => candidate.HasSetting)];
        }

        var anchored = all.Where(candidate => candidate.HasSetting || candidate.HasPlace).ToList();
        return anchored.Count > 0 ? anchored : [.. all];
    }

    /// <summary>Captions that a description must hold for: a thirtieth and at least two, or one where no phrase comes twice.</summary>
    private static int Support(List<DomainCandidate> candidates, int captions)
    {
        var wanted = Math.Max(2, (int)Math.Ceiling(captions * LeastShare));
        return Math.Min(wanted, candidates.Max(candidate => candidate.Captions.Count));
    }

    private static List<DomainCandidate> Choose(
        List<DomainCandidate> candidates,
        int captions,
        int support,
        int limit,
        CancellationToken stop
    )
    {
        var chosen = new List<DomainCandidate>();
        var described = new int[captions];
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        var left = candidates.Where(candidate => candidate.Captions.Count >= support).ToList();
        while (chosen.Count < limit)
        {
            stop.ThrowIfCancellationRequested();
            left.RemoveAll(candidate =>
                candidate.Captions.Count(caption => described[caption] < Described) < support
                || chosen.Exists(earlier => earlier.Says(candidate))
            );
            if (left.Count == 0)
            {
                break;
            }

            // The first of the best: candidates are in ordinal order, and MaxBy keeps the earlier of two.
            var best = left.MaxBy(candidate => Score(candidate, described, used)) ?? left[0];
            chosen.Add(best);
            foreach (var caption in best.Captions)
            {
                described[caption]++;
            }

            foreach (var phrase in best.Phrases)
            {
                used[phrase] = used.GetValueOrDefault(phrase) + 1;
            }
        }

        return chosen;
    }

    private static double Score(DomainCandidate candidate, int[] described, Dictionary<string, int> used)
    {
        double gain = 0;
        foreach (var caption in candidate.Captions)
        {
            gain += 1.0 / ((1 + described[caption]) * (1 + described[caption]));
        }

        var repeats = candidate.Phrases.Sum(phrase => used.GetValueOrDefault(phrase));
        return gain * candidate.Worth * Math.Pow(Repetition, repeats);
    }

    /// <summary>For each key the wording found most often; of equal ones the first in ordinal order. It must read well behind a singular noun.</summary>
    private static Dictionary<string, (string Text, PhraseRole Role)> Texts(IReadOnlyList<CaptionPhrase>[] read) =>
        read.SelectMany(phrases => phrases)
            .GroupBy(phrase => phrase.Key, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group =>
                    (
                        group
                            .GroupBy(phrase => phrase.Text, StringComparer.Ordinal)
                            .OrderByDescending(wording => wording.Count())
                            .ThenBy(wording => wording.Key, StringComparer.Ordinal)
                            .First()
                            .Key,
                        group.First().Role
                    ),
                StringComparer.Ordinal
            );

    private static string Sentence(DomainCandidate candidate, Dictionary<string, (string Text, PhraseRole Role)> texts)
    {
        var sentence = Opening;
        foreach (var (text, role) in candidate.Phrases.Select(phrase => texts[phrase]))
        {
            var bare = role == PhraseRole.Quality && !text.StartsWith("with", StringComparison.Ordinal);
            sentence += (bare ? ", " : " ") + text;
        }

        return sentence;
    }

    private static string Nothing(IReadOnlyList<string> captions, IReadOnlyList<string> classNames)
    {
        var examples =
            captions.Count == 0
                ? "no caption"
                : string.Join("; ", captions.Order(StringComparer.Ordinal).Take(3).Select(text => $"'{text}'"));
        var names =
            string.Join(", ", classNames.Order(StringComparer.Ordinal).Take(MostNamed)) + (classNames.Count > MostNamed ? ", …" : "");
        return $"The {captions.Count} captions give no description once the class words ({names}) and stop words are gone: found {examples}; "
            + "at least one must hold a phrase of setting, place or quality such as 'in fog'. Use another captioner, or write the descriptions by hand.";
    }
}
