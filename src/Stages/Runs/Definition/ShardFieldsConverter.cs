using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Shards;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>Columns as a JSON object from names to types, in order.</summary>
internal sealed class ShardFieldsConverter : JsonConverter<IReadOnlyList<ShardField>>
{
    public override IReadOnlyList<ShardField> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Columns must be an object from names to types.");
        }

        var columns = new List<ShardField>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString() ?? "";
            reader.Read();
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString() ?? "" : "no text";
            var type =
                ShardType.Parse(text)
                ?? throw new JsonException(
                    $"The type of {name} is {text}; it must be {string.Join(", ", Known)}, each with ? where a cell may be null."
                );
            columns.Add(
                columns.Exists(column => column.Name == name)
                    ? throw new JsonException($"The column {name} is named twice; it must be named once.")
                    : new ShardField(name, type)
            );
        }

        return columns;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<ShardField> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var column in value)
        {
            writer.WriteString(column.Name, column.Type.ToString());
        }

        writer.WriteEndObject();
    }

    private static IEnumerable<ShardType> Known => Enum.GetValues<ShardKind>().Select(kind => new ShardType(kind, Nullable: false));
}
