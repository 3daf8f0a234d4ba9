using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pipeline.Stages.Tests.Export.Card;

/// <summary>What the Croissant 1.0 specification asks of a description.</summary>
/// <remarks>
/// Source: github.com/mlcommons/croissant, docs/croissant-spec.md (version 1.0, published 2024-03-01): "Required", "Modified and Added Properties",
/// "ID and Reference Mechanism", "FileObject", "FileSet", "RecordSet", "Field", "DataType", "Splits", "Categorical Data" and appendix 1; what a file and
/// a file set must have besides, after python/mlcroissant (nodes/file_object.py, nodes/file_set.py) there.
/// </remarks>
internal static partial class CroissantForm
{
    private static readonly string[] Required =
    [
        "@context",
        "@type",
        "conformsTo",
        "description",
        "license",
        "name",
        "url",
        "creator",
        "datePublished",
        "distribution",
    ];

    private static readonly (string Term, string Iri)[] Appendix1 =
    [
        ("@language", "en"),
        ("@vocab", "https://schema.org/"),
        ("column", "cr:column"),
        ("extract", "cr:extract"),
        ("field", "cr:field"),
        ("fileProperty", "cr:fileProperty"),
        ("format", "cr:format"),
        ("includes", "cr:includes"),
        ("jsonPath", "cr:jsonPath"),
        ("parentField", "cr:parentField"),
        ("path", "cr:path"),
        ("recordSet", "cr:recordSet"),
        ("references", "cr:references"),
        ("regex", "cr:regex"),
        ("repeated", "cr:repeated"),
        ("replace", "cr:replace"),
        ("sc", "https://schema.org/"),
        ("separator", "cr:separator"),
        ("source", "cr:source"),
        ("subField", "cr:subField"),
        ("transform", "cr:transform"),
    ];

    private static readonly string[] DataTypes =
    [
        "sc:Boolean",
        "sc:Date",
        "sc:Enumeration",
        "sc:Float",
        "sc:ImageObject",
        "sc:Integer",
        "sc:Text",
        "sc:URL",
        "cr:BoundingBox",
        "cr:Label",
        "cr:Split",
    ];

    /// <summary>Everything that is not as it must be; empty for a valid description.</summary>
    public static IReadOnlyList<string> Faults(JsonObject description)
    {
        var faults = new List<string>();
        foreach (var property in Required.Where(property => description[property] is null))
            faults.Add($"{property} is missing");
        if (faults.Count > 0)
            return faults;
        foreach (var (term, iri) in Appendix1.Where(term => (string?)description["@context"]![term.Term] != term.Iri))
            faults.Add($"@context has no {term}: {iri}");
        Expect(faults, "@type", (string?)description["@type"], "sc:Dataset");
        Expect(faults, "conformsTo", (string?)description["conformsTo"], "http://mlcommons.org/croissant/1.0");
        if (!Day().IsMatch((string?)description["datePublished"] ?? ""))
            faults.Add("datePublished is no date");
        if (description["license"] is JsonObject work && (string?)work["@type"] != "sc:CreativeWork")
            faults.Add("license is neither a URL nor a CreativeWork");
        if ((string?)description["creator"]!["@type"] is not ("sc:Organization" or "sc:Person"))
            faults.Add("creator is neither an Organization nor a Person");
        foreach (var resource in description["distribution"]!.AsArray().Select(node => node!.AsObject()))
            Resource(faults, resource);
        foreach (var set in description["recordSet"]!.AsArray().Select(node => node!.AsObject()))
            RecordSet(faults, set);
        Ids(faults, description);
        return faults;
    }

    private static void Resource(List<string> faults, JsonObject resource)
    {
        var id = (string?)resource["@id"];
        string[] wanted = (string?)resource["@type"] switch
        {
            "cr:FileObject" => ["@id", "name", "contentUrl", "contentSize", "encodingFormat", "sha256"],
            "cr:FileSet" => ["@id", "name", "encodingFormat", "includes"],
            _ => ["a @type of FileObject or FileSet"],
        };
        foreach (var property in wanted.Where(property => resource[property] is null))
            faults.Add($"{id} has no {property}");
        if (resource["sha256"] is { } hash && !Sha256().IsMatch((string?)hash ?? ""))
            faults.Add($"{id} has a sha256 that is none");
    }

    private static void RecordSet(List<string> faults, JsonObject set)
    {
        var id = (string?)set["@id"];
        Expect(faults, $"{id}'s type", (string?)set["@type"], "cr:RecordSet");
        var fields = set["field"]!.AsArray().Select(node => node!.AsObject()).ToList();
        foreach (var field in fields)
        {
            var name = (string?)field["@id"] ?? "";
            Expect(faults, $"{name}'s type", (string?)field["@type"], "cr:Field");
            if (!name.StartsWith($"{id}/", StringComparison.Ordinal) || (string?)field["name"] != name[(name.IndexOf('/') + 1)..])
                faults.Add($"{name} is not named after {id}");
            foreach (var type in Types(field).Where(type => !DataTypes.Contains(type)).DefaultIfEmpty("").Where(type => type.Length > 0))
                faults.Add($"{name} is of the unknown type {type}");
            if (!Types(field).Any())
                faults.Add($"{name} has no dataType");
            if (set["data"] is null && field["source"]?["extract"]?["column"] is null)
                faults.Add($"{name} has no source");
        }

        foreach (var record in set["data"]?.AsArray() ?? [])
        {
            if (!record!.AsObject().Select(cell => cell.Key).SequenceEqual(fields.Select(field => (string?)field["@id"])))
                faults.Add($"{id} has a record of other fields");
        }

        if (set["data"] is not null && set["key"] is null)
            faults.Add($"{id} is an enumeration without a key");
    }

    private static IEnumerable<string> Types(JsonObject node) =>
        node["dataType"] is JsonArray all ? all.Select(type => (string?)type ?? "")
        : node["dataType"] is { } one ? [(string?)one ?? ""]
        : [];

    /// <summary>An object with <c>@id</c> and nothing else refers to one that has more.</summary>
    private static void Ids(List<string> faults, JsonObject description)
    {
        var objects = Objects(description.Where(property => property.Key != "@context").Select(property => property.Value)).ToList();
        var defined = objects.Where(node => node.Count > 1 && node["@id"] is not null).Select(node => (string?)node["@id"] ?? "").ToList();
        foreach (var twice in defined.CountBy(id => id).Where(id => id.Value > 1))
            faults.Add($"the id {twice.Key} is there twice");
        foreach (var id in objects.Where(node => node.Count == 1 && node["@id"] is not null).Select(node => (string?)node["@id"] ?? ""))
        {
            if (!defined.Contains(id))
                faults.Add($"nothing has the id {id}");
        }
    }

    private static IEnumerable<JsonObject> Objects(IEnumerable<JsonNode?> nodes) =>
        nodes.SelectMany(node =>
            node switch
            {
                JsonObject inner => Objects(inner.Select(property => property.Value)).Prepend(inner),
                JsonArray list => Objects(list),
                _ => [],
            }
        );

    private static void Expect(List<string> faults, string what, string? found, string wanted)
    {
        if (found != wanted)
            faults.Add($"{what} is {found}; it must be {wanted}");
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Day();

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sha256();
}
