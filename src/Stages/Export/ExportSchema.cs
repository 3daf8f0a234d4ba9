using System.Text.Json.Nodes;
using Pipeline.Shards;
using Pipeline.Stages.Export.Card;

namespace Pipeline.Stages.Export;

/// <summary>The columns of the exported files, equal in all of them, and where each comes from.</summary>
/// <remarks>
/// Every column may be null and a label is 64 bits wide: so do Hugging Face's <c>datasets</c> declare their features, and only a column of
/// the declared type gets its feature (<c>Features.from_arrow_schema</c>).
/// </remarks>
internal sealed class ExportSchema
{
    // The columns that every export has, in file order.
    private static readonly (string Name, ShardKind Kind, string Meaning)[] Fixed =
    [
        ("image.bytes", ShardKind.Binary, "the encoded image"),
        ("image.path", ShardKind.String, "its path in the input, or the edit's id as a file name"),
        ("label", ShardKind.Int64, "the class, an index into the class names"),
        ("label_name", ShardKind.String, "the class"),
        ("split", ShardKind.String, "train, validation, test or another test split"),
        ("group", ShardKind.String, "what metrics are also told by; empty if the input says nothing"),
        ("sample_id", ShardKind.String, "the original, or what the edit was made from"),
        ("variant_id", ShardKind.String, "the edit; null for an original"),
        ("prompt", ShardKind.String, "what the edit was asked to show; null for an original"),
        ("source", ShardKind.String, "original, or the stage that made the edit"),
    ];

    /// <summary>The columns of an ingest shard that are not carried through from the source.</summary>
    public static readonly string[] IngestOwn =
    [
        "sample_id",
        "uri",
        "container",
        "offset",
        "length",
        "image",
        "width",
        "height",
        "label",
        "label_name",
        "split",
        "group",
    ];

    private static readonly string[] Keys = ["sample_id", "variant_id", "prompt"];

    private readonly SortedDictionary<string, ShardKind> carried = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, ShardKind>> added = new(StringComparer.Ordinal);

    private ExportSchema() { }

    /// <summary>Text columns of the source that ingest carries through, in ordinal order.</summary>
    public IEnumerable<string> Carried => carried.Keys;

    /// <summary>All columns in file order: the fixed ones, those carried through, those of each stage.</summary>
    public IReadOnlyList<(string Name, ShardKind Kind, string Meaning)> Columns { get; private set; } = [];

    /// <summary>Looks at the columns of every shard; the rows are not read.</summary>
    /// <exception cref="InvalidDataException">A column is of two types, or two columns come to one name.</exception>
    public static async Task<ExportSchema> ReadAsync(ExportRequest request, CancellationToken stop)
    {
        var schema = new ExportSchema();
        string[] stages = [.. request.Editing, .. request.Describing];
        foreach (var stage in stages)
            schema.added[stage] = new SortedDictionary<string, ShardKind>(StringComparer.Ordinal);
        foreach (var batch in request.Shards.Batches)
        {
            foreach (var field in await request.Shards.FieldsAsync(request.Ingest, batch, stop) ?? [])
            {
                if (!IngestOwn.Contains(field.Name, StringComparer.Ordinal))
                    Put(schema.carried, field, request.Ingest);
            }

            foreach (var stage in stages)
            {
                foreach (var field in await request.Shards.FieldsAsync(stage, batch, stop) ?? [])
                {
                    if (!Keys.Contains(field.Name, StringComparer.Ordinal) && IsCarried(field.Type.Kind))
                        Put(schema.added[stage], field, stage);
                }
            }
        }

        var columns = Fixed
            .Concat(schema.carried.Select(column => (schema.CarriedName(column.Key), column.Value, "a column of the input")))
            .Concat(
                stages.SelectMany(stage =>
                    schema.added[stage].Select(column => (NameOf(stage, column.Key), column.Value, $"{column.Key}, by the stage {stage}"))
                )
            )
            .ToList();
        if (columns.CountBy(column => column.Item1, StringComparer.Ordinal).FirstOrDefault(name => name.Value > 1) is { Key: { } twice })
            throw new InvalidDataException(
                $"The exported column '{twice}' is there twice; each must be there once. Rename the source's column."
            );
        schema.Columns = columns;
        return schema;
    }

    /// <summary>The exported name of a column that is carried through: its own, or <c>manifest_caption</c> where that is a stage's.</summary>
    public string CarriedName(string column)
    {
        var name = column;
        while (IsTaken(name) || (name != column && carried.ContainsKey(name)))
            name = "manifest_" + name;
        return name;
    }

    /// <summary>The columns that a stage adds, in ordinal order.</summary>
    public IEnumerable<string> AddedBy(string stage) => added[stage].Keys;

    /// <summary>The exported name of a stage's column: <c>caption</c> of the stage caption, <c>filter_verdict</c> of the stage filter.</summary>
    public static string NameOf(string stage, string column) => stage == column ? stage : $"{stage}_{column}";

    /// <summary>The columns with their meanings, as a reader of the files sees them: bytes and path of the image are the one column <c>image</c>.</summary>
    public IReadOnlyList<CardColumn> Described() =>
        [
            new CardColumn("image", null, "the encoded image, and its path in the input or the edit's id as a file name"),
            .. Columns.Skip(2).Select(column => new CardColumn(column.Name, column.Kind, column.Meaning)),
        ];

    /// <summary>What <c>datasets</c> reads from the key <c>huggingface</c>: <c>{"info": {"features": {…}}}</c>.</summary>
    public string Features(IReadOnlyList<string> classNames)
    {
        var features = new JsonObject { ["image"] = new JsonObject { ["_type"] = "Image" } };
        foreach (var (name, kind, _) in Columns.Skip(2))
            features[name] = name == "label" ? ClassLabel(classNames) : Feature(kind);
        return new JsonObject { ["info"] = new JsonObject { ["features"] = features } }.ToJsonString();
    }

    /// <summary>Images are a column of their own; embeddings are for stages, and stay in the shards.</summary>
    public static bool IsCarried(ShardKind kind) => kind is not (ShardKind.Binary or ShardKind.Float16List);

    private bool IsTaken(string name) =>
        Array.Exists(Fixed, taken => taken.Name == name) || added.Any(stage => stage.Value.Keys.Any(own => NameOf(stage.Key, own) == name));

    private static JsonObject ClassLabel(IReadOnlyList<string> names) =>
        new() { ["names"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]), ["_type"] = "ClassLabel" };

    private static JsonObject Feature(ShardKind kind) =>
        kind switch
        {
            ShardKind.Float32List or ShardKind.Float16List => new JsonObject
            {
                ["feature"] = Feature(ShardKind.Float32),
                ["_type"] = "Sequence",
            },
            ShardKind.StringList => new JsonObject { ["feature"] = Feature(ShardKind.String), ["_type"] = "Sequence" },
            _ => new JsonObject { ["dtype"] = new ShardType(kind, Nullable: false).ToString(), ["_type"] = "Value" },
        };

    private static void Put(SortedDictionary<string, ShardKind> columns, ShardField field, string stage)
    {
        if (columns.TryAdd(field.Name, field.Type.Kind) || columns[field.Name] == field.Type.Kind)
            return;
        throw new InvalidDataException(
            $"Column '{field.Name}' of stage {stage} is {field.Type.Kind} in one shard and {columns[field.Name]} in another; it must be of one type. Do the stage again."
        );
    }
}
