using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Shards;
using Pipeline.Stages.Plugins;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>What a process must know of a kind of row stage that it cannot load: of a plugin that it has not, or of a stage in another language.</summary>
/// <remarks>As JSON in camelCase; columns are an object from names to types, as shards name them: <c>{ "ingest.uri": "string", "ingest.image": "binary?" }</c>.</remarks>
public sealed record StageManifest
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>The word in the pipeline file.</summary>
    public required string Name { get; init; }

    /// <summary>The kind's version, 1 or more: raised when equal inputs and options give other output.</summary>
    public required int Version { get; init; }

    /// <summary>Artifacts that must exist before the stage takes its first batch.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Columns that it reads, as <c>stage.column</c>, with their types.</summary>
    [JsonConverter(typeof(ShardFieldsConverter))]
    public IReadOnlyList<ShardField> Reads { get; init; } = [];

    /// <summary>Columns that it reads where the stage that adds them is upstream, with their types; null for none.</summary>
    [JsonConverter(typeof(ShardFieldsConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ShardField>? OptionalReads { get; init; }

    /// <summary>Columns that it adds, with their types.</summary>
    [JsonConverter(typeof(ShardFieldsConverter))]
    public IReadOnlyList<ShardField> Adds { get; init; } = [];

    /// <summary>SHA-256 of the plugin that it was loaded from, lower-case hexadecimal; null for a stage in another language.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The manifest of a kind.</summary>
    /// <exception cref="ArgumentException">The kind does not say the type of a column: it is none that works through rows.</exception>
    public static StageManifest Of(IStageKind kind)
    {
        if (kind is ForeignKind foreign)
        {
            return foreign.Manifest;
        }

        var untyped = kind
            .Reads.Concat(kind.OptionalReads)
            .Except(kind.ReadTypes.Select(column => column.Name))
            .Concat(kind.Adds.Except(kind.AddTypes.Select(column => column.Name)))
            .FirstOrDefault();
        return untyped is null
            ? new StageManifest
            {
                Name = kind.Name,
                Version = kind.Version,
                Needs = kind.Needs,
                Reads = [.. kind.ReadTypes.Where(column => kind.Reads.Contains(column.Name))],
                OptionalReads =
                    kind.OptionalReads.Count == 0 ? null : [.. kind.ReadTypes.Where(column => kind.OptionalReads.Contains(column.Name))],
                Adds = kind.AddTypes,
                Sha256 = (kind as IPluginKind)?.Plugin.Sha256,
            }
            : throw new ArgumentException(
                $"The column {untyped} of the kind {kind.Name} has no type; it must have one to stand in a manifest. Derive the kind from one that works through rows."
            );
    }

    /// <summary>Reads one.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="source">The file's name, for errors.</param>
    /// <exception cref="InvalidDataException">It is no manifest; all that is wrong is said, one sentence a line.</exception>
    public static StageManifest Read(ReadOnlySpan<byte> json, string source)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<StageManifest>(json, Strict) ?? throw new JsonException("it is null");
            var faults = manifest.Faults(source).ToList();
            return faults.Count == 0 ? manifest : throw new InvalidDataException(string.Join('\n', faults));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{source} is not readable ({error.Message.TrimEnd('.')}); it must be a stage's manifest with name, version, needs, reads and adds. Correct it.",
                error
            );
        }
    }

    /// <summary>The manifest as <see cref="Read"/> takes it, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Strict);

    private IEnumerable<string> Faults(string source)
    {
        if (!StageName.IsGood(Name))
        {
            yield return $"name ({source}) is '{Name}'; it must be {StageName.Wanted}. Rename the kind.";
        }

        if (Version < 1)
        {
            yield return $"version ({source}) is {Version}; it must be 1 or more. Correct it.";
        }

        foreach (
            var column in Reads
                .Concat(OptionalReads ?? [])
                .Where(column => column.Name.Split('.') is not [var stage, { Length: > 0 }] || !StageName.IsGood(stage))
        )
        {
            yield return $"The column {column.Name} of reads ({source}) is named so; it must be stage.column, such as ingest.uri. Correct it.";
        }

        if (Adds.Count == 0)
        {
            yield return $"adds ({source}) is empty; it must name a column at least. Name what the stage writes.";
        }
    }
}
