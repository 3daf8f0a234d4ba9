using System.Text.Json;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>One file of one case: its tensors as stored, its tolerance and the case's parameters.</summary>
public sealed class GoldenFile(string folder, string name, JsonElement root)
{
    public string Folder => folder;

    public string Name => name;

    /// <summary>The case's <c>params</c>.</summary>
    public JsonElement Parameters => root.GetProperty("params");

    public GoldenTolerance Tolerance =>
        GoldenTolerance.Read(
            $"{folder}/case.json: {name}",
            Description.TryGetProperty("tolerance", out var own) ? own : root.GetProperty("default_tolerance"),
            Description.TryGetProperty("mean_atol", out var mean) ? mean.GetDouble() : double.PositiveInfinity
        );

    /// <summary>What case.json says of the file.</summary>
    public JsonElement Description => root.GetProperty("files").GetProperty(name);

    /// <summary>Every file that the case lists.</summary>
    public IEnumerable<string> Others => root.GetProperty("files").EnumerateObject().Select(file => file.Name);

    /// <summary>Another file of the case.</summary>
    public GoldenFile Other(string other) => new(folder, other, root);

    /// <summary>Opens the stored tensors, after checking them against the list in case.json.</summary>
    public SafetensorsFile Open()
    {
        var file = SafetensorsFile.Read(Path.Combine(folder, name));
        var listed = Description
            .GetProperty("tensors")
            .EnumerateObject()
            .Select(item => $"{item.Name} [{string.Join(", ", item.Value.GetProperty("shape").EnumerateArray())}]");
        var stored = file.Entries.Values.Select(entry => $"{entry.Name} [{string.Join(", ", entry.Shape)}]");
        stored.Should().BeEquivalentTo(listed, "{0} must hold what case.json lists", name);
        return file;
    }

    /// <summary>The only file of the case's folder that matches <paramref name="pattern"/>.</summary>
    public string Find(string pattern) => Directory.GetFiles(folder, pattern).Should().ContainSingle().Subject;
}
