using System.Text.Json;
using Pipeline.Shards.Records;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>The fields of a sample's json that are no lists, objects or null, as text.</summary>
internal static class SampleFields
{
    /// <summary>Column of the txt member.</summary>
    public const string Text = "text";

    private static readonly HashSet<string> Claimed = [.. ShardRows.Fields<IngestRow>().Select(field => field.Name), Text];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads them, in the order in which they stand there.</summary>
    /// <param name="json">The member's bytes.</param>
    /// <param name="fault">What is wrong with them; empty if nothing is.</param>
    public static Dictionary<string, string> Read(byte[] json, out string fault)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            fault = document.RootElement.ValueKind == JsonValueKind.Object ? "" : "is no JSON object";
            foreach (var field in fault.Length == 0 ? document.RootElement.EnumerateObject() : [])
            {
                if (field.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
                    continue;
                if (field.Name.Length == 0 || field.Name.Any(char.IsControl))
                    fault = "has a field whose name is empty or has control characters";
                fields[field.Name] =
                    field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString() ?? "" : field.Value.GetRawText();
            }
        }
        catch (JsonException error)
        {
            fault = $"is no JSON: it breaks at line {error.LineNumber + 1}, byte {error.BytePositionInLine}";
        }
        catch (InvalidOperationException)
        {
            fault = "has text that is no Unicode";
        }

        return fields;
    }

    /// <summary>The column of a field that is carried through: its name with '_' for '.', and json_ before a name that ingest or the txt uses.</summary>
    public static string Column(string field)
    {
        var name = field.Replace('.', '_');
        return Claimed.Contains(name) ? $"json_{name}" : name;
    }
}
