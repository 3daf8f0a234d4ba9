using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Shards;

namespace Pipeline.Stages.Export.Card;

/// <summary>The data set in Croissant 1.0 (mlcommons.org/croissant/1.0): files, splits, classes and columns in JSON-LD, <c>augmented/croissant.json</c>.</summary>
/// <remarks>
/// Files are told by name relative to the description, which readers resolve against its place. What the specification requires and the user has
/// not stated stands there as not stated: licence and creator in words, the day of publication as the last day of the year 9999.
/// </remarks>
internal static class Croissant
{
    /// <summary>Where it lies.</summary>
    public const string Uri = "augmented/croissant.json";

    private const string FileSet = "parquet-files";
    private const string Images = "images";
    private const string Splits = "splits";
    private const string Classes = "classes";
    private const string NotPublished = "9999-12-31";
    private const string Parquet = "application/x-parquet";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    // As in the examples of the specification's repository (datasets/1.0).
    private static readonly (string Term, string Iri)[] Terms =
    [
        ("citeAs", "cr:citeAs"),
        ("column", "cr:column"),
        ("conformsTo", "dct:conformsTo"),
        ("cr", "http://mlcommons.org/croissant/"),
        ("dct", "http://purl.org/dc/terms/"),
        ("extract", "cr:extract"),
        ("field", "cr:field"),
        ("fileObject", "cr:fileObject"),
        ("fileProperty", "cr:fileProperty"),
        ("fileSet", "cr:fileSet"),
        ("format", "cr:format"),
        ("includes", "cr:includes"),
        ("isLiveDataset", "cr:isLiveDataset"),
        ("jsonPath", "cr:jsonPath"),
        ("key", "cr:key"),
        ("md5", "cr:md5"),
        ("parentField", "cr:parentField"),
        ("path", "cr:path"),
        ("rai", "http://mlcommons.org/croissant/RAI/"),
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

    /// <summary>The description; equal contents give equal text.</summary>
    public static string Of(CardContent content)
    {
        var options = content.Options;
        var originals = content.Counts.Of(source: "original");
        var description = new JsonObject
        {
            ["@context"] = Context(),
            ["@type"] = "sc:Dataset",
            ["name"] = content.Name,
            ["description"] =
                $"{originals} labelled images of {content.ClassNames.Count} classes and {content.Counts.Total - originals} edits of training images made by a program. README.md beside this file tells how."
                + (options.Published is null ? $" The data set has not been published: datePublished {NotPublished} stands for that." : ""),
            ["conformsTo"] = "http://mlcommons.org/croissant/1.0",
            ["license"] = options.License is { } license
                ? $"https://spdx.org/licenses/{license}"
                : new JsonObject { ["@type"] = "sc:CreativeWork", ["name"] = "Not stated: the terms of the input images apply." },
            ["url"] = options.Url ?? "./",
            ["creator"] = new JsonObject { ["@type"] = "sc:Organization", ["name"] = options.Creator ?? "Not stated" },
            ["datePublished"] = options.Published ?? NotPublished,
            ["version"] = "1.0.0",
            ["keywords"] = new JsonArray("image classification", "data augmentation", "synthetic"),
            ["isLiveDataset"] = false,
            ["rai:dataCollection"] = "README.md, section \"How each image was made\".",
            ["rai:dataLimitation"] = "README.md, section \"Known limits\".",
            ["distribution"] = Distribution(content),
            ["recordSet"] = new JsonArray(SplitSet(content), ClassSet(content), ImageSet(content)),
        };
        return description.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Context()
    {
        var context = new JsonObject { ["@language"] = "en", ["@vocab"] = "https://schema.org/" };
        foreach (var (term, iri) in Terms)
            context[term] = iri;
        context["data"] = new JsonObject { ["@id"] = "cr:data", ["@type"] = "@json" };
        context["dataType"] = new JsonObject { ["@id"] = "cr:dataType", ["@type"] = "@vocab" };
        context["examples"] = new JsonObject { ["@id"] = "cr:examples", ["@type"] = "@json" };
        return context;
    }

    private static JsonArray Distribution(CardContent content)
    {
        var distribution = new JsonArray();
        foreach (var file in content.Files)
            distribution.Add(
                new JsonObject
                {
                    ["@type"] = "cr:FileObject",
                    ["@id"] = System.Uri.EscapeDataString(file.File),
                    ["name"] = string.Join('.', file.File.Split('.').Select(part => CardContent.Word(part, '_'))),
                    ["contentUrl"] = System.Uri.EscapeDataString(file.File),
                    ["contentSize"] = $"{file.Bytes} B",
                    ["encodingFormat"] = Parquet,
                    ["sha256"] = file.Sha256,
                }
            );
        distribution.Add(
            new JsonObject
            {
                ["@type"] = "cr:FileSet",
                ["@id"] = FileSet,
                ["name"] = FileSet,
                ["description"] = "The files of all splits, beside this description.",
                ["encodingFormat"] = Parquet,
                ["includes"] = new JsonArray([.. content.Splits.Select(split => JsonValue.Create(split.Pattern))]),
            }
        );
        return distribution;
    }

    private static JsonObject SplitSet(CardContent content) =>
        Enumeration(
            Splits,
            "cr:Split",
            $"{Splits}/name",
            [Field(Splits, "name", "The split.", "sc:Text"), Field(Splits, "url", "What it is for.", "sc:URL")],
            content.Splits.Select(split => new JsonObject
            {
                [$"{Splits}/name"] = split.Name,
                [$"{Splits}/url"] = split.Name switch
                {
                    "train" => "cr:TrainingSplit",
                    "validation" => "cr:ValidationSplit",
                    _ => "cr:TestSplit",
                },
            })
        );

    private static JsonObject ClassSet(CardContent content) =>
        Enumeration(
            Classes,
            "sc:Enumeration",
            $"{Classes}/label",
            [Field(Classes, "label", "The class as a number.", "sc:Integer"), Field(Classes, "name", "The class.", "sc:Text")],
            content.ClassNames.Select((name, label) => new JsonObject { [$"{Classes}/label"] = label, [$"{Classes}/name"] = name })
        );

    private static JsonObject Enumeration(
        string id,
        string type,
        string key,
        IEnumerable<JsonObject> fields,
        IEnumerable<JsonObject> data
    ) =>
        new()
        {
            ["@type"] = "cr:RecordSet",
            ["@id"] = id,
            ["name"] = id,
            ["dataType"] = type,
            ["key"] = Reference(key),
            ["field"] = new JsonArray([.. fields]),
            ["data"] = new JsonArray([.. data]),
        };

    private static JsonObject ImageSet(CardContent content)
    {
        var fields = new JsonArray();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in content.Columns)
        {
            var name = CardContent.Word(column.Name, '_');
            while (!taken.Add(name))
                name += "_";
            fields.Add(ImageField(column, name));
        }

        return new JsonObject
        {
            ["@type"] = "cr:RecordSet",
            ["@id"] = Images,
            ["name"] = Images,
            ["description"] = "A row for each image, original or edited.",
            ["field"] = fields,
        };
    }

    private static JsonObject ImageField(CardColumn column, string name)
    {
        var field = Field(Images, name, column.Meaning, TypeOf(column.Kind));
        var source = new JsonObject
        {
            ["fileSet"] = Reference(FileSet),
            ["extract"] = new JsonObject { ["column"] = column.Name },
        };
        field["source"] = source;
        if (column.Kind is null)
            source["transform"] = new JsonObject { ["jsonPath"] = "bytes" };
        if (column.Kind is ShardKind.Float32List or ShardKind.Float16List or ShardKind.StringList)
            field["repeated"] = true;
        if (column.Name == "label")
        {
            field["dataType"] = new JsonArray("sc:Integer", "cr:Label");
            field["references"] = new JsonObject { ["field"] = Reference($"{Classes}/label") };
        }
        else if (column.Name == "split")
        {
            field["references"] = new JsonObject { ["field"] = Reference($"{Splits}/name") };
        }

        return field;
    }

    private static JsonObject Field(string set, string name, string description, string type) =>
        new()
        {
            ["@type"] = "cr:Field",
            ["@id"] = $"{set}/{name}",
            ["name"] = name,
            ["description"] = description,
            ["dataType"] = type,
        };

    private static JsonObject Reference(string id) => new() { ["@id"] = id };

    private static string TypeOf(ShardKind? kind) =>
        kind switch
        {
            null => "sc:ImageObject",
            ShardKind.Int32 or ShardKind.Int64 => "sc:Integer",
            ShardKind.Float32 or ShardKind.Float64 or ShardKind.Float32List or ShardKind.Float16List => "sc:Float",
            ShardKind.Bool => "sc:Boolean",
            _ => "sc:Text",
        };
}
