using System.Text.Json;
using Pipeline.Models.Clip;
using Pipeline.Models.ResNet;
using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>The folder <c>layouts</c>, which has no case.json: in each file the names and shapes of every tensor of a published model, without values.</summary>
public static class GoldenLayouts
{
    public const string Folder = "layouts";

    /// <summary>Families of later work: skipped by name. A file of any other name must have code.</summary>
    private static readonly string[] Later = ["blip-", "instruct-pix2pix-unet", "sd-vae", "sd15-unet", "sd21-unet"];

    private static readonly string[] Fields = ["config", "non_float32", "parameters", "provenance", "tensors"];

    /// <summary>The files that lie there, in ordinal order; none where the folder is not there.</summary>
    public static IEnumerable<string> Files =>
        Directory.Exists(Path.Combine(GoldenSet.Root, Folder))
            ? Directory
                .EnumerateFiles(Path.Combine(GoldenSet.Root, Folder), "*.json")
                .Select(file => Path.GetFileName(file))
                .Order(StringComparer.Ordinal)
            : [];

    /// <summary>False for a family of later work.</summary>
    public static bool HasCode(string file) => !Array.Exists(Later, later => file.StartsWith(later, StringComparison.Ordinal));

    /// <summary>Compares one file with the modules that are built for its configuration.</summary>
    public static GoldenReport Run(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        if (!HasCode(name))
        {
            Assert.Skip($"{Folder}/{name}: there is no code for it yet.");
        }

        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var root = document.RootElement;
        root.EnumerateObject()
            .Select(field => field.Name)
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal(Fields, "{0} must be of the known form", name);
        var wanted = root.GetProperty("tensors").EnumerateObject().ToDictionary(item => item.Name, item => Shape(item.Value));
        var types = root.GetProperty("non_float32").EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetString());
        using var scope = NewDisposeScope();
        var built = Built(name, path);
        var report = new GoldenReport(GoldenTolerance.Exact);
        built.Keys.Should().BeEquivalentTo(wanted.Keys, "{0} must have the published names", name);
        foreach (var (tensorName, shape) in wanted)
        {
            report.Exact(tensorName, tensor(built[tensorName].Shape), tensor(shape));
            built[tensorName].Type.Should().Be(types.GetValueOrDefault(tensorName) == "int64" ? ScalarType.Int64 : ScalarType.Float32);
        }

        var counted = built.Where(item => !types.ContainsKey(item.Key) && !IsBuffer(item.Key)).Sum(item => Product(item.Value.Shape));
        report.Exact("parameters", tensor(counted), tensor(root.GetProperty("parameters").GetInt64()));
        return report;
    }

    private static Dictionary<string, (long[] Shape, ScalarType Type)> Built(string name, string path)
    {
        if (name.StartsWith("torchvision-", StringComparison.Ordinal))
        {
            using var model = ResNetModel.Create(name["torchvision-".Length..], 1000, seed: 0);
            return model.State().ToDictionary(item => item.Key, item => (item.Value.shape, item.Value.dtype));
        }

        var config = ConfigObject.Read(path).Object("config")!;
        var layout =
            name.StartsWith("clip-", StringComparison.Ordinal) ? TorchTowers.Layout(ClipConfigReader.Read(config))
            : name.EndsWith("-text_encoder", StringComparison.Ordinal) ? TextLayout(ClipConfigReader.Text(config))
            : throw new InvalidDataException($"{name} is of an unknown family; write code for it.");
        return layout.ToDictionary(item => item.Key, item => (item.Value, ScalarType.Float32));
    }

    private static Dictionary<string, long[]> TextLayout(ClipTextConfig config)
    {
        using var tower = new ClipText(config, null, ScalarType.Float32, META);
        return tower.Targets("text_model.", null).ToDictionary(item => item.Name, item => item.Target.shape);
    }

    private static bool IsBuffer(string name) =>
        name.EndsWith(".running_mean", StringComparison.Ordinal) || name.EndsWith(".running_var", StringComparison.Ordinal);

    private static long[] Shape(JsonElement shape) => [.. shape.EnumerateArray().Select(size => size.GetInt64())];

    private static long Product(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);
}
