namespace Pipeline.Models.Hub;

/// <summary>The licence of a model as its files state it.</summary>
/// <param name="Id">The word of the model's card, such as <c>mit</c> or <c>creativeml-openrail-m</c>.</param>
/// <param name="Link">Where its text lies; null where the card does not say.</param>
public sealed record ModelLicence(string Id, string? Link)
{
    /// <summary>The hub's words for licences that SPDX lists, by spdx.org/licenses.</summary>
    private static readonly Dictionary<string, string> Spdx = new[]
    {
        "Apache-2.0",
        "MIT",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "ISC",
        "Zlib",
        "Unlicense",
        "WTFPL",
        "0BSD",
        "AFL-3.0",
        "Artistic-2.0",
        "ECL-2.0",
        "EPL-1.0",
        "EPL-2.0",
        "EUPL-1.1",
        "MPL-2.0",
        "MS-PL",
        "NCSA",
        "OFL-1.1",
        "OSL-3.0",
        "PostgreSQL",
        "LPPL-1.3c",
        "GPL-2.0",
        "GPL-3.0",
        "LGPL-2.1",
        "LGPL-3.0",
        "AGPL-3.0",
        "CC0-1.0",
        "CC-BY-2.0",
        "CC-BY-2.5",
        "CC-BY-3.0",
        "CC-BY-4.0",
        "CC-BY-SA-3.0",
        "CC-BY-SA-4.0",
        "CC-BY-NC-2.0",
        "CC-BY-NC-3.0",
        "CC-BY-NC-4.0",
        "CC-BY-NC-ND-3.0",
        "CC-BY-NC-ND-4.0",
        "CC-BY-NC-SA-2.0",
        "CC-BY-NC-SA-3.0",
        "CC-BY-NC-SA-4.0",
        "CC-BY-ND-4.0",
        "CDLA-Permissive-1.0",
        "CDLA-Permissive-2.0",
        "CDLA-Sharing-1.0",
    }.ToDictionary(id => id, StringComparer.OrdinalIgnoreCase);

    /// <summary>Words of the hub for families of open licences, and for none that is known.</summary>
    private static readonly HashSet<string> Open = new(StringComparer.OrdinalIgnoreCase)
    {
        "bsd",
        "bsd-3-clause-clear",
        "cc",
        "c-uda",
        "etalab-2.0",
        "gfdl",
        "gpl",
        "lgpl",
        "odbl",
        "odc-by",
        "openmdw",
        "pddl",
        "unknown",
    };

    /// <summary>The SPDX id; for a licence that SPDX does not list, where its text lies, or else the card's word.</summary>
    public string Shown => Spdx.TryGetValue(Id, out var listed) ? listed : Link ?? Id;

    /// <summary>
    /// Whether its use is restricted, so that a person must accept it once: non-commercial ones, OpenRAIL and its kin, <c>other</c>, and whatever else
    /// is neither listed by SPDX nor known to be open, which are the terms of one model or its maker.
    /// </summary>
    public bool IsRestricted => Spdx.ContainsKey(Id) ? Id.Contains("-nc", StringComparison.OrdinalIgnoreCase) : !Open.Contains(Id);
}
