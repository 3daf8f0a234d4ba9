using System.Text.Json;

namespace Pipeline.Models.Weights;

/// <summary>Which shard holds which tensor: <c>model.safetensors.index.json</c>, as huggingface/transformers writes it.</summary>
internal sealed class ShardIndex
{
    private const long MostBytes = 64 << 20;
    private const int MostFiles = 2_000;
    private const int FaultsTold = 8;
    private readonly string path;

    private ShardIndex(string path, IReadOnlyDictionary<string, string> map)
    {
        this.path = path;
        Map = map;
        Files = [.. map.Values.Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The shard's name by the tensor's.</summary>
    public IReadOnlyDictionary<string, string> Map { get; }

    /// <summary>Names of the shards, relative to the index's folder.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Where the index of a file lies that was cut into shards.</summary>
    public static string PathOf(string safetensors) => $"{safetensors}.index.json";

    /// <summary>Reads an index and checks its names; opens no shard.</summary>
    /// <exception cref="InvalidDataException">It is too long, no JSON, or names a shard that is missing or lies outside the folder.</exception>
    public static ShardIndex Read(string path)
    {
        if (new FileInfo(path).Length is > MostBytes and var length)
        {
            throw Broken(path, "the index", $"{length} bytes long", $"at most {MostBytes} bytes");
        }

        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (
                document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var weights)
                || weights.ValueKind != JsonValueKind.Object
            )
            {
                throw Broken(path, "weight_map", "missing or no object", "an object of tensor names and shard names");
            }

            foreach (var item in weights.EnumerateObject())
            {
                var shard = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString() ?? "" : "";
                CheckName(path, item.Name, shard);
                if (!map.TryAdd(item.Name, shard))
                {
                    throw Broken(path, $"weight_map.{item.Name}", "named twice", "named once");
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: the index is not JSON ({error.Message}). Fetch the file again.", error);
        }

        var index = new ShardIndex(path, map);
        index.CheckFiles();
        return index;
    }

    /// <summary>Where a shard lies.</summary>
    public string ShardPath(string shard) => Path.Combine(Path.GetDirectoryName(path) ?? "", shard);

    /// <summary>Checks that every tensor lies in the shard that is named for it and in no other.</summary>
    /// <exception cref="InvalidDataException">Tensors are elsewhere, twice or not named; the message lists them.</exception>
    public void Check(IReadOnlyDictionary<string, IEnumerable<string>> held)
    {
        var sets = held.ToDictionary(item => item.Key, item => item.Value.ToHashSet(StringComparer.Ordinal));
        var faults = Map.Where(item => !sets[item.Value].Contains(item.Key))
            .Select(item => $"{item.Key} is not in {item.Value}, which the index names for it")
            .Concat(
                from shard in Files
                from tensor in sets[shard].Order(StringComparer.Ordinal)
                let named = Map.GetValueOrDefault(tensor)
                where named != shard
                select named is null ? $"{tensor} is in {shard} but not in the index"
                : sets[named].Contains(tensor) ? $"{tensor} is in {named} and in {shard}"
                : $"{tensor} is in {shard}"
            )
            .ToArray();
        if (faults.Length > 0)
        {
            throw new InvalidDataException(
                $"{path}: {string.Join("; ", faults.Take(FaultsTold))}{(faults.Length > FaultsTold ? $"; and {faults.Length - FaultsTold} more" : "")}. "
                    + "Each tensor must be in the one shard that the index names. Fetch the index and the shards again, from one revision."
            );
        }
    }

    /// <summary>A shard lies beside the index or below it, by its name alone; links that the model's cache is made of are followed.</summary>
    private static void CheckName(string path, string tensor, string shard)
    {
        var parts = shard.Split('/', '\\');
        if (
            shard.Length == 0
            || Path.IsPathRooted(shard)
            || shard.Contains(':', StringComparison.Ordinal)
            || shard.Contains('\0', StringComparison.Ordinal)
            || Array.Exists(parts, part => part is "" or "." or "..")
        )
        {
            throw Broken(path, $"weight_map.{tensor}", $"'{shard}'", "the name of a file inside the folder of the index");
        }

        if (!shard.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            throw Broken(path, $"weight_map.{tensor}", $"'{shard}'", "the name of a .safetensors file");
        }
    }

    private void CheckFiles()
    {
        if (Files.Count > MostFiles)
        {
            throw Broken(path, "weight_map", $"a list of {Files.Count} shards", $"at most {MostFiles} shards");
        }

        var missing = Files.Where(shard => !File.Exists(ShardPath(shard))).ToArray();
        if (missing.Length > 0)
        {
            throw Broken(
                path,
                "weight_map",
                $"naming {missing.Length} shards that are not there ({string.Join(", ", missing.Take(FaultsTold))})",
                "of shards beside the index"
            );
        }
    }

    private static InvalidDataException Broken(string path, string field, string found, string wanted) =>
        new($"{path}: {field} is {found}; it must be {wanted}. Fetch the index and the shards again, from one revision.");
}
