using System.Globalization;
using System.Text.Json;

namespace Pipeline.Stages.Ingest;

/// <summary>Names of classes as Hugging Face's <c>datasets</c> leaves them in a Parquet file, under the key <c>huggingface</c>.</summary>
/// <remarks>
/// <c>{"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}</c>, and the forms of older versions and of dataset
/// cards: <c>class_label</c> around the names, features as a list of <c>{"name": …, "dtype": …}</c>, names as <c>{"0": "cat"}</c>.
/// </remarks>
internal static class ClassLabelNames
{
    private const string Key = "huggingface";

    /// <summary>The names by label; null if the column is no ClassLabel.</summary>
    /// <param name="file">The file, for errors.</param>
    /// <param name="keyValues">Its metadata.</param>
    /// <param name="column">The column of the label.</param>
    /// <exception cref="InputException">The metadata is garbled, or the names are no list of classes.</exception>
    public static string[]? Of(string file, IReadOnlyDictionary<string, string> keyValues, string column)
    {
        if (!keyValues.TryGetValue(Key, out var json))
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            return NamesOf(document.RootElement, column) is not { } names ? null : Checked(file, column, names);
        }
        catch (JsonException error)
        {
            throw new InputException(
                $"{file} has the metadata '{Key}', which is no JSON (it breaks at byte {error.BytePositionInLine}); it must be what datasets writes. Write the file again.",
                error
            );
        }
    }

    private static string[] Checked(string file, string column, string?[] names)
    {
        var found = names.OfType<string>().ToArray();
        var twice = found.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            throw new InputException(
                $"{file} names the class '{twice}' of column '{column}' more than once; each class must have a name of its own. Correct the features."
            );
        return found.Length == names.Length && found.Length > 0 && !found.Any(string.IsNullOrWhiteSpace)
            ? found
            : throw new InputException(
                $"{file} has class names of column '{column}' that are no list of names, numbered from 0; each class must have one. Correct the features."
            );
    }

    private static string?[]? NamesOf(JsonElement root, string column)
    {
        var features = At(root, "info", "features") ?? At(root, "features") ?? default;
        var feature =
            features.ValueKind == JsonValueKind.Array
                ? features
                    .EnumerateArray()
                    .FirstOrDefault(one => At(one, "name") is { ValueKind: JsonValueKind.String } name && name.ValueEquals(column))
                : At(features, column) ?? default;
        var isLabel = At(feature, "_type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals("ClassLabel");
        var names =
            At(feature, "dtype", "class_label", "names") ?? At(feature, "class_label", "names") ?? (isLabel ? At(feature, "names") : null);
        return names?.ValueKind switch
        {
            JsonValueKind.Array => [.. names.Value.EnumerateArray().Select(Text)],
            JsonValueKind.Object => Numbered(names.Value),
            _ => null,
        };
    }

    private static string?[] Numbered(JsonElement names)
    {
        var pairs = names.EnumerateObject().ToDictionary(pair => pair.Name, pair => Text(pair.Value), StringComparer.Ordinal);
        return [.. Enumerable.Range(0, pairs.Count).Select(label => pairs.GetValueOrDefault(label.ToString(CultureInfo.InvariantCulture)))];
    }

    private static string? Text(JsonElement name) => name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    private static JsonElement? At(JsonElement element, params string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }

        return element;
    }
}
