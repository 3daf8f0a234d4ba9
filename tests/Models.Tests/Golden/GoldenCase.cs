using System.Text.Json;

namespace Pipeline.Models.Tests.Golden;

/// <summary>A folder with a case.json: which case it is and which files it lists.</summary>
public sealed class GoldenCase
{
    public const string Description = "case.json";
    private readonly string folder;
    private readonly JsonElement root;

    private GoldenCase(string folder, JsonElement root)
    {
        this.folder = folder;
        this.root = root;
    }

    public string Name => root.GetProperty("name").GetString()!;

    public IEnumerable<string> Files => root.GetProperty("files").EnumerateObject().Select(file => file.Name);

    public GoldenFile File(string name) => new(folder, name, root);

    public static GoldenCase Read(string folder)
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(folder, Description)));

        return new GoldenCase(folder, document.RootElement.Clone());
    }
}
